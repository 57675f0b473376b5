"""Files of many rows: ``reading`` yields their rows, ``values`` understands cells, ``importing`` decides."""
