"""Pictures of plan and graph, as SVG for screens and for print. Pure.

1. Each module has ``sheets(...)``: one or more SVGs, each as wide as a page's text (``sheet.WIDTH``) and no higher than
   its page (``sheet.TALL``). Printed 170 mm wide or more, no text is smaller than 7 points.
2. Text is fitted to its place: wrapped, or shortened with the whole of it in a title.
3. Plain shapes and text in common fonts: no styles, scripts, links, ids or anything from elsewhere.
"""
