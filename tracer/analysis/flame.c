#include "tracer/analysis/flame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  1200.0
#define ROW    18
#define HEAD   64
#define LEVELS 512 /* more is not within what */

static const char style[] =
	"<style>text{font:12px ui-monospace,monospace;fill:#111;pointer-events:none}"
	".t{font:bold 16px system-ui,sans-serif;fill:#222}.i{font:13px system-ui,sans-serif;fill:#444}"
	"rect{stroke:#fff;stroke-width:.6;cursor:pointer}rect:hover{stroke:#000;stroke-width:1.2}"
	"rect.m{stroke:#000;stroke-width:2}</style>\n";

/* Zoom: what was clicked becomes as wide as the picture.  Search: matches get a frame,
 * and their part of the whole is told. */
static const char script[] =
	"<script><![CDATA[\n"
	"const W=1200,gs=[...document.querySelectorAll('g.f')].map(g=>({g,x:+g.dataset.x,"
	"w:+g.dataset.w,d:+g.dataset.d,n:g.dataset.n,r:g.querySelector('rect'),"
	"t:g.querySelector('text')}));\n"
	"function draw(x,w,d){for(const f of gs){const a=(f.x-x)/w*W,b=f.w/w*W;"
	"const on=f.d<d?(f.x<=x+1e-9&&f.x+f.w>=x+w-1e-9):(a>-1e-6&&a+b<W+1e-6);"
	"f.g.style.display=on&&b>0.2?'':'none';const l=f.d<d?0:a,s=f.d<d?W:b;"
	"f.r.setAttribute('x',l);f.r.setAttribute('width',s);f.t.setAttribute('x',l+4);"
	"const k=Math.floor((s-6)/7.2);f.t.textContent=k<3?'':f.n.length<=k?f.n:f.n.slice(0,k-1)+"
	"'\\u2026';}}\n"
	"gs.forEach(f=>f.g.addEventListener('click',()=>draw(f.x,f.w,f.d)));\n"
	"function find(){const q=prompt('Mark what contains:');let part=0,end=-1;"
	"for(const f of gs){const m=q&&f.n.includes(q);f.r.classList.toggle('m',!!m);"
	"if(m&&f.x>=end){part+=f.w;end=f.x+f.w;}}"
	"document.getElementById('found').textContent=q?q+': '+(part/W*100).toFixed(2)+' %':'';}\n"
	"document.getElementById('all').addEventListener('click',()=>draw(0,W,0));"
	"document.getElementById('find').addEventListener('click',find);draw(0,W,0);\n"
	"]]></script>\n";

/* Blue for ring 3, orange for faults, reddish purple for interrupts, grey for idle,
 * yellow for calls: Okabe and Ito's, told apart by colour-blind eyes. */
static const char *colour(const struct profile_node *n, unsigned depth)
{
	if (strcmp(n->name, "(ring 3)") == 0)
		return "#7fb8dc";
	if (strncmp(n->name, "page fault", 10) == 0 || strncmp(n->name, "exception", 9) == 0)
		return "#f0a36b";
	if (strncmp(n->name, "interrupt", 9) == 0 || strncmp(n->name, "NMI", 3) == 0)
		return "#dba4c4";
	if (depth == 0 || strcmp(n->name, "idle") == 0)
		return "#d0d0d0";
	return depth == 1 ? "#a9d9c8" : "#f2de7d";
}

static unsigned node_depth(const struct profile *p, uint32_t node)
{
	unsigned depth = 0;

	while (p->nodes[node].parent != UINT32_MAX && depth < LEVELS) {
		node = p->nodes[node].parent;
		depth++;
	}
	return depth;
}

void flame_folded(struct buffer *b, const struct profile *p)
{
	for (uint32_t i = 1; i < p->node_count; i++) {
		uint32_t path[LEVELS];
		unsigned depth = 0;

		if (!p->nodes[i].self)
			continue;
		for (uint32_t at = i; at && depth < LEVELS; at = p->nodes[at].parent)
			path[depth++] = at;
		while (depth) {
			const char *name = p->nodes[path[--depth]].name;

			/* A semicolon would look like another frame. */
			for (; *name; name++)
				buffer_char(b, *name == ';' || *name == '\n' ? '_' : *name);
			buffer_string(b, depth ? ";" : "");
		}
		buffer_printf(b, " %" PRId64 "\n", p->nodes[i].self);
	}
}

struct picture {
	struct buffer *b;
	const struct profile *p;
	const char *unit;
	unsigned levels;
	double *from; /* of each node, and where its next child begins */
	double *next;
};

static void frame_draw(struct picture *x, uint32_t node)
{
	const struct profile_node *n = &x->p->nodes[node];
	const double scale = WIDTH / (double)x->p->nodes[0].total;
	const unsigned depth = node_depth(x->p, node);
	const double width = (double)n->total * scale;
	const unsigned y = HEAD + (x->levels - 1 - depth) * ROW;

	if (node) {
		x->from[node] = x->next[n->parent];
		x->next[n->parent] += width;
	}
	x->next[node] = x->from[node];
	if (!n->total)
		return;
	buffer_printf(x->b,
		      "<g class=\"f\" data-x=\"%.6f\" data-w=\"%.6f\" data-d=\"%u\" data-n=\"",
		      x->from[node], width, depth);
	buffer_markup(x->b, n->name);
	buffer_printf(x->b,
		      "\"><rect x=\"%.3f\" y=\"%u\" width=\"%.3f\" height=\"%d\" fill=\"%s\"/>"
		      "<text x=\"%.3f\" y=\"%u\"></text><title>",
		      x->from[node], y, width, ROW - 1, colour(n, depth), x->from[node] + 4,
		      y + 13);
	buffer_markup(x->b, n->name);
	buffer_printf(x->b, ": %" PRId64 " %s, %.2f %%; itself %" PRId64 "</title></g>\n", n->total,
		      x->unit, (double)n->total * 100 / (double)x->p->nodes[0].total, n->self);
}

void flame_svg(struct buffer *b, const struct profile *p, const char *title, const char *unit)
{
	struct picture x = { .b = b, .p = p, .unit = unit };
	unsigned height;

	x.from = calloc((size_t)p->node_count + 1, sizeof(*x.from));
	x.next = calloc((size_t)p->node_count + 1, sizeof(*x.next));
	for (uint32_t i = 0; i < p->node_count; i++)
		if (node_depth(p, i) + 1 > x.levels)
			x.levels = node_depth(p, i) + 1;
	height = HEAD + x.levels * ROW + 12;
	buffer_printf(
		b,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%%\" viewBox=\"0 0 %.0f"
		" %u\">\n%s<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\""
		" style=\"cursor:default;stroke:none\"/>\n<text class=\"t\" x=\"6\" y=\"22\">",
		WIDTH, height, style);
	buffer_markup(b, title);
	buffer_printf(b,
		      "</text>\n<text class=\"i\" x=\"6\" y=\"44\">%" PRId64
		      " %s over all CPUs. Width is time; what lies above is within what lies below."
		      "</text>\n<text class=\"i\" id=\"all\" x=\"980\" y=\"22\""
		      " style=\"pointer-events:auto;cursor:pointer;text-decoration:underline\">show"
		      " all</text>\n<text class=\"i\" id=\"find\" x=\"1060\" y=\"22\""
		      " style=\"pointer-events:auto;cursor:pointer;text-decoration:underline\">mark"
		      "</text>\n<text class=\"i\" id=\"found\" x=\"980\" y=\"44\"></text>\n",
		      p->nodes[0].total, unit);
	for (uint32_t i = 0; x.from && x.next && p->nodes[0].total && i < p->node_count; i++)
		frame_draw(&x, i);
	buffer_printf(b, "%s</svg>\n", script);
	free(x.from);
	free(x.next);
}
