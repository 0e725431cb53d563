"""The preset dictionary of a batch: what deflate may point back to before it has seen a byte (RFC 1951).

Records as the market writes them, rarer forms first: what stands last is the nearest, and costs the fewest bits. A batch
of one sale of two lines takes about 165 bytes with it, 410 without. It is never edited: a better one gets the next
version, and the fleet keeps them all. The header's two hashes are chance and cannot be said shorter than 64 bytes;
its signature takes 64 more, which the 165 leave out."""

DICTIONARY_VERSION = 1  # the first byte of a published batch; 0 will never be one

_SAMPLES = (
    '"mode":"added",off":-18000,off":32400,off":3600,"cur":"USD""cur":"JPY""cur":"EUR","rounding":1,'
    'rounding":-2,"receipt":"ask""receipt":"never"{"kind":"no_sale","no":0,"reason":"","seq":1}\n'
    '{"at":1795271526,"kind":"no_sale","no":0,"reason":"","seq":2}\n'
    '","trusted":false}\n'
    '"off":28800,"cur":"CNY"{"a":1,"h":"","n":1,"p":"","t":"BARROW-00","v":1}\n'
    '{"at":1795271526,"cur":"GBP","kind":"sale","legs":[{"amount":1610,"change":390,"given":2000,'
    '"tender":"cash"}],"lines":[{"code":"12","names":{"en":"Dumplings","zh":"饺子"},"price":600,"qty":1000,'
    '"rate":"standard","total":600},{"code":"","names":{},"price":250,"qty":1000,"rate":"standard",'
    '"total":250},{"code":"5012345678900","names":{"en":"Oolong L","zh":"乌龙茶 大杯"},"price":380,"qty":2000,'
    '"rate":"standard","total":760}],"no":1,"off":0,"receipt":"auto","rounding":0,"seq":1,'
    '"tax":[{"bp":2000,"mode":"included","net":1342,"rate":"standard","tax":268}],"total":1610,'
    '"trusted":true}\n'
    '{"copy":0,"done":true,"kind":"print","no":1,"seq":2}\n'
    '{"at":1795271640,"cur":"GBP","kind":"sale","legs":[{"amount":1150,"change":0,"given":1150,'
    '"tender":"cash"}],"lines":[{"code":"11","names":{"en":"Coffee","zh":"咖啡"},"price":350,"qty":2000,'
    '"rate":"standard","total":700},{"code":"13","names":{"en":"Bun","zh":"包子"},"price":250,"qty":1000,'
    '"rate":"standard","total":250},{"code":"14","names":{"en":"Tea","zh":"茶"},"price":200,"qty":1000,'
    '"rate":"standard","total":200}],"no":2,"off":0,"receipt":"auto","rounding":0,"seq":3,'
    '"tax":[{"bp":2000,"mode":"included","net":959,"rate":"standard","tax":191}],"total":1150,'
    '"trusted":true}\n'
)
DICTIONARY = _SAMPLES.encode()
