"""The domain modules that ship with Casebase. They never import each other."""
