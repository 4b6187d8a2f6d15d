"""Tables from run folders: Markdown, CSV, LaTeX, and runs side by side."""
