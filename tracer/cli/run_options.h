/* The options of `ringscope run`, for other commands that run something. */
#ifndef TRACER_CLI_RUN_OPTIONS_H
#define TRACER_CLI_RUN_OPTIONS_H

#include "tracer/vm/run.h"

/* Fill in *config from a command's words, up to those of the program, which are then
 * config->argv.  -1: go on; else an exit status, with a message if it is no 0.  What the
 * configuration points to lives as long as the process. */
int run_options(int argc, char **argv, struct run_config *config, const char *help);

#endif
