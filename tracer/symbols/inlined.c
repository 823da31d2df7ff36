#include "tracer/symbols/inlined.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>

static bool number_read(Dwarf_Die *die, unsigned name, Dwarf_Word *out)
{
	Dwarf_Attribute attribute;

	return dwarf_attr(die, name, &attribute) && dwarf_formudata(&attribute, out) == 0;
}

bool inlined_find(Dwarf *dwarf, uint64_t address, char *file, size_t size, int *line)
{
	Dwarf_Die unit, *scopes = NULL, *outer = NULL;
	Dwarf_Word number = 0, index = 0;
	Dwarf_Files *files;
	const char *path = NULL;
	size_t count;
	int depth;

	if (!dwarf || !dwarf_addrdie(dwarf, address, &unit))
		return false;
	depth = dwarf_getscopes(&unit, address, &scopes);
	for (int i = 0; i < depth; i++)
		if (dwarf_tag(&scopes[i]) == DW_TAG_inlined_subroutine)
			outer = &scopes[i];
	if (outer && number_read(outer, DW_AT_call_line, &number) &&
	    number_read(outer, DW_AT_call_file, &index) &&
	    dwarf_getsrcfiles(&unit, &files, &count) == 0 && index < count && number < INT32_MAX)
		path = dwarf_filesrc(files, index, NULL, NULL);
	if (path) {
		snprintf(file, size, "%s", path);
		*line = (int)number;
	}
	free(scopes);
	return path != NULL;
}
