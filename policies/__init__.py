"""May this go there? Facts in, a ruling per category out; the packs hold the rules. Pure; never reads a clock or a store."""
