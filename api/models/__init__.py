"""Tables only: what they are is in `tables`, what a sealed column accepts in `columns`."""

from api.models import answers as answers
from api.models import imports as imports
from api.models import links as links
from api.models import offices as offices
from api.models import recovery as recovery
from api.models import remains as remains
from api.models import segments as segments
