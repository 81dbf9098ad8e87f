-- What does the site look like from its home page? (Its link graph, for Graphviz.)
--
--   sqlite3 … < sql-examples/link-graph.sql | twopi -Tsvg > link-graph.svg
--
-- The home page is in the middle, around it the pages one click away, then two clicks, and so on. Each page is connected to a page
-- that leads to it. The more pages link it, the larger its dot; its colour shows its folder, a red rim broken links. The dots are
-- links, with the page as a tooltip.
--
-- Requests: 75 on the sample crawl, for all internal links (74,897 of 76,140); none with a kept crawl (keep-crawl.sql).
-- `links` is the crawl; README.md says how to name it. The home page is `/` or an index page, unless another is named:
-- .parameter set :home "'/en/'"

CREATE TEMP TABLE inside AS
SELECT page_from, page_to, max(link_from) AS url, max(is_broken) AS broken
FROM links
WHERE direction = 'internal' AND type NOT IN ('link', 'canonical', 'alternate') AND page_from <> page_to
GROUP BY page_from, page_to;

CREATE INDEX temp.inside_from ON inside (page_from, page_to);
CREATE INDEX temp.inside_to ON inside (page_to, page_from);

CREATE TEMP TABLE home AS
SELECT coalesce(:home, (SELECT page_from FROM inside
                        WHERE page_from IN ('/', '/index.html', '/index.htm', '/index.php', '/home')
                        ORDER BY length(page_from) LIMIT 1)) AS page;

-- As in click-depth.sql. More than eight rings are unreadable.
CREATE TEMP TABLE depth (page TEXT PRIMARY KEY, clicks INTEGER);

INSERT INTO depth
WITH RECURSIVE wave (page, clicks) AS (
  SELECT page, 0 FROM home
  UNION
  SELECT inside.page_to, wave.clicks + 1
  FROM wave JOIN inside ON inside.page_from = wave.page
  WHERE wave.clicks < 8
)
SELECT page, min(clicks)
FROM wave
GROUP BY page;

-- Targets with links of their own: pages, and redirects to them. Each is connected to one of the pages one click nearer to home
-- that link it: the one with the fewest links (not the site map), which says most about where it belongs.
CREATE TEMP TABLE page AS
SELECT depth.page, '"' || replace(replace(depth.page, '\', '\\'), '"', '\"') || '"' AS id, depth.clicks,
       (SELECT max(url) FROM inside WHERE page_from = depth.page) AS url,
       (SELECT count(*) FROM inside WHERE page_to = depth.page) AS linked_by,
       (SELECT sum(broken = 1) FROM inside WHERE page_from = depth.page) AS broken,
       (SELECT inside.page_from
        FROM inside JOIN depth AS nearer ON nearer.page = inside.page_from
        WHERE inside.page_to = depth.page AND nearer.clicks = depth.clicks - 1
        ORDER BY (SELECT count(*) FROM inside AS other WHERE other.page_from = nearer.page), nearer.page
        LIMIT 1) AS parent,
       CASE WHEN depth.page LIKE '/%/%' THEN substr(depth.page, 1, instr(substr(depth.page, 2), '/') + 1) ELSE '/' END AS folder
FROM depth
WHERE depth.page IN (SELECT page_from FROM inside);

-- Each of the largest folders has a colour, the others share one.
CREATE TEMP TABLE folder AS
SELECT folder, count(*) AS members, row_number() OVER (ORDER BY count(*) DESC, folder) AS place,
       CASE row_number() OVER (ORDER BY count(*) DESC, folder)
         WHEN 1 THEN '#4c78a8' WHEN 2 THEN '#f2a541' WHEN 3 THEN '#54a24b' WHEN 4 THEN '#b279a2' WHEN 5 THEN '#45b5b0'
         WHEN 6 THEN '#9d755d' WHEN 7 THEN '#e377a8' ELSE '#a0a0a0' END AS colour
FROM page
GROUP BY folder;

-- The more pages, the wider the rings.
CREATE TEMP TABLE size AS
SELECT count(*) AS pages, max(1, min(6, count(*) / 150.0)) AS ring
FROM page;

-- The output: the graph in Graphviz' language.
.mode list
.headers off

SELECT 'digraph site {
graph [root=' || page.id || ', ranksep=' || ring || ', overlap=true, outputorder=edgesfirst, pad=0.5, bgcolor=white,
       fontname="Helvetica,Arial,sans-serif", fontsize=' || round(8 + 6 * ring) || ', labelloc=b, label=<'
       || (SELECT group_concat('<font color="' || colour || '">●</font> '
                               || replace(replace(folder, '&', '&amp;'), '<', '&lt;') || ' (' || members || ')', '   ')
           FROM (SELECT * FROM folder WHERE place <= 7 ORDER BY place)) || '>]
node [shape=circle, style=filled, fixedsize=true, label="", color="#ffffff", penwidth=0.5,
      fontname="Helvetica,Arial,sans-serif", fontsize=' || round(8 + 3.5 * ring) || ']
edge [arrowhead=none, penwidth=1.2]'
FROM home JOIN page USING (page), size;

SELECT printf('%s [width=%.2f, fillcolor="%s"%s%s, URL="%s", tooltip="%s %s, linked by %d, broken links: %d"]',
              id, 0.14 + 0.003 * min(linked_by, 250), colour,
              CASE WHEN broken > 0 THEN printf(', color="#d62728", penwidth=%.1f', 1.5 + 0.25 * min(broken, 20)) ELSE '' END,
              CASE WHEN clicks = 0 OR pages <= 60 OR (SELECT count(*) FROM page AS child WHERE child.parent = page.page) >= 12
                   THEN ', xlabel=' || id ELSE '' END,
              replace(replace(url, '\', '\\'), '"', '\"'), clicks, CASE clicks WHEN 1 THEN 'click' ELSE 'clicks' END,
              linked_by, broken)
FROM page JOIN folder USING (folder), size
ORDER BY page;

SELECT printf('%s -> %s [color="%s70"]', parent.id, page.id, colour)
FROM page JOIN page AS parent ON parent.page = page.parent JOIN folder ON folder.folder = page.folder
ORDER BY parent.clicks, parent.page, page.folder, page.page;

SELECT '}';
