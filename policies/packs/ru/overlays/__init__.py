"""Regional overlays of this pack: data. None is on unless MEZHVED_OVERLAYS names it."""
