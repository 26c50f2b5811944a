"""Bodies by tenant, kind and id: records, links, tombstones, blobs, cursors."""
