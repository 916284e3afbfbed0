export interface Config {
  imglife?: {
    /** Webhooks that registries send. */
    webhooks?: {
      /**
       * What senders prove themselves by: the key of `X-Hub-Signature-256`, or
       * the token of `Authorization` or `X-Gitlab-Token`. Several while one
       * takes the place of another. Default: everybody is believed.
       * @deepVisibility secret
       */
      secrets?: string[];
    };
  };
}
