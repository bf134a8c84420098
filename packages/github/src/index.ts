/** GitHub, as the flow needs it. */
export {};
