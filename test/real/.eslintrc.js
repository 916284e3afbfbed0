module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // the embedded builder is held against another one, without a portal
    '@backstage/no-mixed-plugin-imports': [
      'error',
      {
        excludedTargetPackages: ['@imglife/backstage-plugin-imglife-backend'],
      },
    ],
  },
});
