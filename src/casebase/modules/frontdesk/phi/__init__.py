"""Personal and health information in what visitors and staff write: found, masked, and not repeated."""

from casebase.modules.frontdesk.phi.hits import PhiType
from casebase.modules.frontdesk.phi.names import KnownNames
from casebase.modules.frontdesk.phi.scan import Action, PhiFinding, PhiScan, scan_phi

__all__ = ["Action", "KnownNames", "PhiFinding", "PhiScan", "PhiType", "scan_phi"]
