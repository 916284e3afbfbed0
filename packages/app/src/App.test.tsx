import { render, waitFor } from '@testing-library/react';
import App from './App';

describe('App', () => {
  it('renders', async () => {
    process.env.APP_CONFIG = [
      {
        data: {
          app: { title: 'Test', baseUrl: 'http://localhost:3000' },
          backend: { baseUrl: 'http://localhost:7007' },
        },
        context: 'test',
      },
    ] as never;
    const { baseElement } = render(App.createRoot());
    await waitFor(() => expect(baseElement).not.toBeEmptyDOMElement());
  });
});
