from pony.orm.core import *  # noqa: F403 - just as the library does
