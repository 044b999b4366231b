/** The name and prefix of the registry: links between propositions, and the search. */
export const REGISTRY = "registry";
