"""Columns: what of each section is listed, counted and searched, many cases side by side; one module a part.

Promises bytes in and bytes out: each part has `row(body)`, the compact projection of one section, always the same;
`pack(bodies)`, the columns of many rows; `unpack(blob)`, views of them without a copy; `bodies(columns)`, rows again.
Must never seal, read or keep anything, nor name a case: that is `api.sealed`.
"""
