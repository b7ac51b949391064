"""The console's pages of mortgage cases."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
