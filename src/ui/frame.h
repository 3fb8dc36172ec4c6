/* frame.h - what stands around every view: top line, message or note line, hint bar, the popup of
 * prefix keys. Paints from struct ui; queries nothing. UI thread. */
#ifndef CRMAIL_UI_FRAME_H
#define CRMAIL_UI_FRAME_H

struct ui;

struct frame_size {
	int body_row, body_rows, cols;
};
struct frame_size frame_measure(const struct ui *ui);
void frame_paint(struct ui *ui);

#endif
