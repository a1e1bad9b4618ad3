"""What a report shows a reader: sentences, tables and charts as values, drawn in a terminal or on a page."""
