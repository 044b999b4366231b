/** Prefixes every partition of this revision of the registry: links between propositions, and the search. */
export const REGISTRY = "registry@3";
