"""The web client at ``/practice``: pages for the people who practise, which work without a script."""
