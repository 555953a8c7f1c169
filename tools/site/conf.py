"""Sphinx reads this: how the site is made of the pages that tools.site lays out."""

project = "Omna"
author = "Omna"
html_title = "Omna"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"

# Links, headings and images are read as on the host of the repository; made pages name anchors of their own.
myst_enable_extensions = ["attrs_block", "html_image"]
myst_heading_anchors = 4
# An example with … in it is no strict JSON and need not be.
suppress_warnings = ["misc.highlighting_failure"]

# Nothing is asked of another machine: the theme brings its fonts and scripts, and search is an index of the site's own.
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_permalinks_icon = "#"
html_theme_options = {
    "footer_icons": [],
    "light_css_variables": {"color-brand-primary": "#0B5C70", "color-brand-content": "#0B5C70"},
    "dark_css_variables": {"color-brand-primary": "#74C5D6", "color-brand-content": "#74C5D6"},
}
