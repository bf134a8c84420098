/** slipway.yml. */
export {};
