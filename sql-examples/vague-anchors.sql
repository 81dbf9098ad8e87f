-- Which links say nothing about where they lead ("here", "read more")?
--
-- Requests: 74 on the sample crawl. Not every API server can filter by text, and none could ignore case, blanks and arrows as is
-- done here; where it can, `text IN ('here', 'Here')` is one request, but finds fewer links. `links` is the crawl; README.md says
-- how to name it.

CREATE TEMP TABLE phrase (phrase TEXT PRIMARY KEY);
INSERT INTO phrase VALUES
  ('here'), ('click here'), ('see here'), ('click'), ('this'), ('this link'), ('this page'), ('link'), ('page'), ('website'),
  ('more'), ('more info'), ('more information'), ('more details'), ('read more'), ('learn more'), ('see more'), ('show more'),
  ('continue reading'), ('continue'), ('detail'), ('details'), ('go'),
  ('hier'), ('mehr'), ('weiterlesen'), ('ici'), ('en savoir plus'), ('lire la suite'), ('aquí'), ('leer más'), ('qui');

-- Case, and blanks, brackets and arrows around the words, are ignored.
CREATE TEMP TABLE vague AS
SELECT *
FROM (SELECT page_from, page_to, lower(trim(text, ' .,:;!()[]<>-' || char(9, 10, 13, 160, 171, 187, 8230, 8250, 8594))) AS phrase
      FROM links
      WHERE direction = 'internal' AND type = 'anchor')
WHERE phrase IN (SELECT phrase FROM phrase);

SELECT phrase, count(*) AS links, count(DISTINCT page_from) AS pages, count(DISTINCT page_to) AS targets
FROM vague
GROUP BY phrase
ORDER BY links DESC, phrase;

-- The targets with the most such links.
SELECT page_to AS target, count(*) AS links, count(DISTINCT page_from) AS pages, min(phrase) AS called,
       min(page_from) AS for_example
FROM vague
GROUP BY page_to
ORDER BY links DESC, target
LIMIT 25;
