module.exports = require('@backstage/cli/config/eslint-factory')(__dirname, {
  overrides: [
    {
      files: ['**/*.test.ts'],
      rules: {
        // supertest asserts by its own expect
        'jest/expect-expect': [
          'warn',
          { assertFunctionNames: ['expect', '**.expect'] },
        ],
      },
    },
  ],
});
