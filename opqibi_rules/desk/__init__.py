"""Questions as plain data, answered as plain data: what the page, the HTTP API and the assistants share."""
