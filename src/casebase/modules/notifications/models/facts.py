"""What the rules look at: what people did, and what they are certified for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from casebase.kernel.models import Given, Stored, Word


class Activity(Given):
    """What somebody did; without a person the caller, without a day today where they live."""

    user_id: UUID | None = None
    activity_date: date | None = None
    kind: Word | None = None


class NewActivities(Given):
    """What people of an organisation did."""

    organization_id: UUID | None = None
    activities: tuple[Activity, ...] = Field(min_length=1, max_length=1000)


class RecordedActivities(Stored):
    """The activities' ids, in their order."""

    organization_id: UUID
    activity_ids: tuple[UUID, ...]


class Certification(Given):
    """Until which day somebody is certified for something; without a person the caller."""

    user_id: UUID | None = None
    name: str = Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f<>]*$", examples=["First aid"])
    expires_on: date


class NewCertifications(Given):
    """What people of an organisation are certified for; one that is known by its name gets the new day."""

    organization_id: UUID | None = None
    certifications: tuple[Certification, ...] = Field(min_length=1, max_length=1000)


class KeptCertification(Stored):
    """A certification as it is kept."""

    certification_id: UUID
    user_id: UUID
    name: str
    expires_on: date


class KeptCertifications(Stored):
    """The certifications as they are kept, in their order."""

    organization_id: UUID
    certifications: tuple[KeptCertification, ...]


class MyCertification(Stored):
    """A certification of the caller."""

    certification_id: UUID
    organization_id: UUID
    name: str
    expires_on: date


class RemovedCertification(Stored):
    """A certification that is there no more."""

    certification_id: UUID
