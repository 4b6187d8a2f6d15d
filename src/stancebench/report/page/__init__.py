"""The report as one HTML file: leaderboard, paired tests, figures, the test sentences, where all came from.

``settings`` groups runs that can stand in one table, ``board`` scores their models, ``pairs`` compares
them, ``texts`` joins the test sentences, ``facts`` describes data and runs; ``content`` puts these into
one structure, and ``write`` inlines it with ``page.html.j2``, ``page.css`` and the scripts.
"""
