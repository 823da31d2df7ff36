/* What a person takes along: text for the terminal's clipboard. */
#ifndef VIEWER_CLIP_H
#define VIEWER_CLIP_H

struct session;

/* What the cursor's event is, as the line that --linear prints. */
char *clip_event(const struct session *s);
/* The SQL that asks for it: of a call or fault its whole row, else the event's. */
char *clip_query(const struct session *s);
/* Both are the caller's to free; NULL: no event, or no memory. */

/* As base64 (RFC 4648), the caller's to free; NULL without memory. */
char *clip_base64(const char *text);

#endif
