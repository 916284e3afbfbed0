module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // what is measured runs without a portal
    '@backstage/no-mixed-plugin-imports': [
      'error',
      {
        excludedTargetPackages: ['@imglife/backstage-plugin-imglife-backend'],
      },
    ],
  },
});
