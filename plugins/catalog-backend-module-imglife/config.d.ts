export interface Config {
  imglife?: {
    /** Which images become catalog entities. */
    catalog?: {
      /** Namespace of the resources; default `imglife`. */
      namespace?: string;
      /**
       * Which applications become resources: those with a component, all, or
       * none. Default `mapped`.
       */
      applications?: 'mapped' | 'all' | 'none';
      /** Owner of images that have none; default `group:default/unknown`. */
      defaultOwner?: string;
    };
  };
}
