-- Which pages do the site's own links favour? (Internal PageRank.)
--
-- Requests: 75 on the sample crawl, for the internal links that are follow; none with a kept crawl (keep-crawl.sql).
-- `links` is the crawl; README.md says how to name it.

-- Repeated links between two pages count once; a page's links to itself and nofollow links don't count.
CREATE TEMP TABLE vote AS
SELECT page_from, page_to, max(is_broken) AS broken, max(type <> 'redirect') AS from_page
FROM links
WHERE direction = 'internal' AND dofollow = 1 AND type NOT IN ('link', 'canonical', 'alternate') AND page_from <> page_to
GROUP BY page_from, page_to;

CREATE INDEX temp.vote_from ON vote (page_from);
CREATE INDEX temp.vote_to ON vote (page_to, page_from);

-- `share` is what a page gives to each page that it links; a page without links gives to all pages.
CREATE TEMP TABLE page (page TEXT PRIMARY KEY, votes INTEGER, score REAL, share REAL, next REAL) WITHOUT ROWID;

INSERT INTO page (page, votes)
SELECT page, sum(votes)
FROM (SELECT page_from AS page, count(*) AS votes FROM vote GROUP BY page_from
      UNION ALL
      SELECT DISTINCT page_to, 0 FROM vote)
GROUP BY page;

UPDATE page SET score = 1.0 / (SELECT count(*) FROM page);

-- SQL has no loop, but a trigger runs once for each inserted row.
CREATE TEMP TABLE round (n INTEGER PRIMARY KEY, moved REAL);

CREATE TEMP TRIGGER play AFTER INSERT ON round
BEGIN
  UPDATE page SET share = score / votes WHERE votes > 0;
  UPDATE page SET next = (0.15 + 0.85 * (SELECT total(score) FROM page WHERE votes = 0)) / (SELECT count(*) FROM page)
                         + 0.85 * (SELECT total(giver.share) FROM vote JOIN page AS giver ON giver.page = vote.page_from
                                   WHERE vote.page_to = page.page);
  UPDATE round SET moved = (SELECT total(abs(next - score)) FROM page) WHERE n = new.n;
  UPDATE page SET score = next;
END;

INSERT INTO round (n)
WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 40)
SELECT n FROM counter;

-- Has it converged? How much of the total of 1 the last round moved.
SELECT n AS rounds, (SELECT count(*) FROM page) AS pages, printf('%.6f', moved) AS still_moving
FROM round
ORDER BY n DESC
LIMIT 1;

-- The average page has a score of 1.
CREATE TEMP TABLE ranked AS
SELECT page, round(score * (SELECT count(*) FROM page), 2) AS score, votes AS links_pages,
       (SELECT count(*) FROM vote WHERE page_to = page) AS linked_by_pages,
       (SELECT max(broken) FROM vote WHERE page_to = page) AS broken,
       (SELECT max(from_page) FROM vote WHERE page_from = page) AS is_page
FROM page;

-- Is this the order that the site's owner has in mind?
SELECT row_number() OVER (ORDER BY score DESC, page) AS place, page, score, linked_by_pages, links_pages
FROM ranked
WHERE is_page
ORDER BY score DESC, page
LIMIT 30;

-- What is lost to missing targets.
SELECT page AS missing, score, linked_by_pages
FROM ranked
WHERE broken = 1
ORDER BY score DESC, page
LIMIT 15;
