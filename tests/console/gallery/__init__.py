"""A module that shows every component of the kit, and keeps notes to page through."""

from casebase.kernel.module import Module, NavigationItem

MODULE = Module(
    name="gallery",
    package="tests.console.gallery",
    title="Gallery",
    summary="Every component of the kit, to look at and to test.",
    pages="tests.console.gallery.pages:router",
    navigation=(
        NavigationItem("Components", "/components", icon="spark"),
        NavigationItem("Notes", "/notes", icon="document"),
        NavigationItem("Form", "/form", icon="edit"),
        NavigationItem("Vault", "/vault", icon="shield", roles=("owner",)),
    ),
)
