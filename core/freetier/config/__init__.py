"""Everything a user may say, from variables, a file or arguments, as one `Setup`.

RULE: the only layer that reads `os.environ`, and only in `environment`; pydantic checks what
was written here at the edge, and frozen values go on from it.
"""

from freetier.config.loading import load_env, load_file, load_mapping
from freetier.config.port import Catalog
from freetier.config.variables import environment

__all__ = ["Catalog", "environment", "load_env", "load_file", "load_mapping"]
