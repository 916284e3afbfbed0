module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  rules: {
    // All of it is in the one bundled file: the package depends on nothing
    '@backstage/no-undeclared-imports': 'off',
  },
});
