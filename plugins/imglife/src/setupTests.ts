import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// pages are loaded lazily; a busy machine takes more than a second for that
configure({ asyncUtilTimeout: 10_000 });
jest.setTimeout(60_000);
