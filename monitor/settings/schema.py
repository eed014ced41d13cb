"""The site file as a JSON Schema, for editors that complete and check while one writes.

Made from the records that read the file, so it cannot say anything else. What a schema cannot
express, such as that names differ or that an address can be read, `crowd-monitor check` tells.
"""

from typing import Any

from monitor.settings.records import SiteSettings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def site_schema() -> dict[str, Any]:
    """Give the schema of a site file as a JSON document: its values are of many kinds."""
    return {"$schema": DIALECT, **SiteSettings.model_json_schema()}
