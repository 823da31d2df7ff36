#include "tracer/export/format.h"

#include <stddef.h>
#include <string.h>

#define FORMAT(name) extern const struct export_format export_format_##name;
#include "tracer/export/formats.def"

static const struct export_format *const formats[] = {
#define FORMAT(name) &export_format_##name,
#include "tracer/export/formats.def"
};

const struct export_format *export_format_at(unsigned i)
{
	return i < sizeof(formats) / sizeof(formats[0]) ? formats[i] : NULL;
}

const struct export_format *export_format_find(const char *name)
{
	const struct export_format *f;

	for (unsigned i = 0; (f = export_format_at(i)); i++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}
