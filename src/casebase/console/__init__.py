"""The console: login, layout, components and live updates; the pages themselves live in the modules."""
