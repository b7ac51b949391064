"""The API over HTTP: application factory, authentication, the RPC endpoint, what module routes call with."""

from casebase.kernel.http.app import create_app
from casebase.kernel.http.auth import TokenVerifier
from casebase.kernel.http.caller import Caller, PublicCaller, VerifiedCaller, public_caller, verified_caller

__all__ = [
    "Caller",
    "PublicCaller",
    "TokenVerifier",
    "VerifiedCaller",
    "create_app",
    "public_caller",
    "verified_caller",
]
