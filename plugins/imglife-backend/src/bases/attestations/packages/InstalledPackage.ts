/** A package that an image's package manager has installed. */
export interface InstalledPackage {
  /** type of its package URL */
  type: 'apk' | 'deb';
  name: string;
  version: string;
  /** as the package manager names it, such as `x86_64` or `amd64` */
  architecture?: string;
  /** as the database has it, which need not be an SPDX expression */
  licence?: string;
  /** what it was built from, where that has another name or version */
  source?: { name: string; version?: string };
}

/** What an image is a distribution of (os-release(5)). */
export interface Distribution {
  /** `ID`, such as `alpine` */
  id: string;
  /** `VERSION_ID`, such as `3.21.3` */
  version?: string;
  /** `PRETTY_NAME` */
  name?: string;
}

/** Packages of an image, as its own databases list them. */
export interface ImagePackages {
  /** undefined when the image does not say */
  distribution?: Distribution;
  /** each once, sorted by name, version and architecture */
  packages: InstalledPackage[];
  /** databases that are there and are not read; empty when all were */
  unread: string[];
}
