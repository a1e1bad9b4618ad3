"""What people say in subtitles, in thirty-one languages, and the encodings before UTF-8 that each was written in."""

from __future__ import annotations

__all__ = ["ENCODINGS", "SENTENCES"]

ENCODINGS = {
    "polish": ("cp1250", "iso8859_2", "cp852", "mac_latin2"),
    "czech": ("cp1250", "iso8859_2", "cp852", "mac_latin2"),
    "slovak": ("cp1250", "iso8859_2"),
    "hungarian": ("cp1250", "iso8859_2", "cp852"),
    "croatian": ("cp1250", "iso8859_2"),
    "romanian": ("cp1250", "iso8859_16"),
    "russian": ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic", "cp855"),
    "ukrainian": ("cp1251", "koi8_u", "mac_cyrillic", "cp1125"),
    "bulgarian": ("cp1251", "iso8859_5"),
    "serbian": ("cp1251", "iso8859_5"),
    "german": ("cp1252", "mac_roman", "cp850"),
    "french": ("cp1252", "iso8859_15", "mac_roman", "cp850"),
    "spanish": ("cp1252", "mac_roman", "cp850"),
    "italian": ("cp1252",),
    "portuguese": ("cp1252", "cp850"),
    "swedish": ("cp1252", "mac_roman"),
    "danish": ("cp1252", "cp865"),
    "finnish": ("cp1252", "iso8859_15"),
    "icelandic": ("cp1252", "mac_iceland"),
    "greek": ("cp1253", "iso8859_7", "mac_greek", "cp737"),
    "turkish": ("cp1254", "iso8859_9", "mac_turkish", "cp857"),
    "hebrew": ("cp1255", "iso8859_8", "cp862"),
    "arabic": ("cp1256", "iso8859_6"),
    "lithuanian": ("cp1257", "iso8859_13"),
    "latvian": ("cp1257", "iso8859_13"),
    "estonian": ("cp1257",),
    "vietnamese": ("cp1258",),
    "thai": ("tis_620", "cp874"),
    "korean": ("cp949", "euc_kr", "johab", "iso2022_kr", "utf-16-le"),
    "japanese": ("cp932", "shift_jis", "euc_jp", "iso2022_jp", "utf-16-be"),
    "simplified Chinese": ("gb18030", "gbk", "hz", "utf-16-le", "utf-32-be"),
    "traditional Chinese": ("big5", "big5hkscs", "utf-32-le"),
}

SENTENCES = {
    "polish": """Gdzie byłeś przez całą noc?
Nie mogę uwierzyć, że to zrobiłaś.
Proszę, usiądź i posłuchaj mnie uważnie.
Jeśli wyjdziemy teraz, zdążymy na ostatni pociąg.
Mówiłem ci, żebyś nie otwierał tych drzwi.
Dziękuję, ale już późno i muszę iść.""",
    "czech": """Kde jsi byl celou noc?
Nemůžu uvěřit, že jsi to udělala.
Prosím, posaď se a dobře mě poslouchej.
Když teď vyrazíme, stihneme ještě poslední vlak.
Říkal jsem ti, abys ty dveře neotvíral.
Děkuju, ale už je pozdě a musím jít.""",
    "slovak": """Kde si bol celú noc?
Nemôžem uveriť, že si to urobila.
Prosím, sadni si a dobre ma počúvaj.
Ak teraz vyrazíme, stihneme ešte posledný vlak.
Hovoril som ti, aby si tie dvere neotváral.
Ďakujem, ale už je neskoro a musím ísť.""",
    "hungarian": """Hol voltál egész éjszaka?
Nem tudom elhinni, hogy ezt tetted velünk.
Kérlek, ülj le, és figyelj rám.
Ha most elindulunk, még elérjük az utolsó vonatot.
Mondtam, hogy ne nyisd ki azt az ajtót, ugye?
Köszönöm, de már késő van, és mennem kell.""",
    "croatian": """Gdje si bio cijelu noć?
Ne mogu vjerovati da si to učinila.
Molim te, sjedni i pažljivo me slušaj.
Ako sada krenemo, stići ćemo na posljednji vlak.
Rekao sam ti da ne otvaraš ta vrata, čovječe.
Hvala, ali već je kasno i moram ići kući.""",
    "romanian": """Unde ai fost toată noaptea?
Nu-mi vine să cred că ai făcut asta.
Te rog, aşază-te şi ascultă-mă cu atenţie.
Dacă plecăm acum, prindem ultimul tren.
Ţi-am spus să nu deschizi uşa aceea.
Mulţumesc, dar este târziu şi trebuie să plec.""",
    "russian": """Где ты был всю ночь?
Не могу поверить, что ты это сделала.
Пожалуйста, садись и слушай меня внимательно.
Если выйдем сейчас, успеем на последний поезд.
Я же говорил тебе не открывать эту дверь.
Спасибо, но уже поздно, и мне пора идти.""",
    "ukrainian": """Де ти був усю ніч?
Не можу повірити, що ти це зробила.
Будь ласка, сідай і слухай мене уважно.
Якщо вийдемо зараз, встигнемо на останній потяг.
Я ж казав тобі не відчиняти ці двері.
Дякую, але вже пізно, і мені час іти.""",
    "bulgarian": """Къде беше цяла нощ?
Не мога да повярвам, че си го направила.
Моля те, седни и ме слушай внимателно.
Ако тръгнем сега, ще хванем последния влак.
Казах ти да не отваряш тази врата.
Благодаря, но вече е късно и трябва да вървя.""",
    "serbian": """Где си био целу ноћ?
Не могу да верујем да си то урадила.
Молим те, седи и слушај ме пажљиво.
Ако сада кренемо, стићи ћемо на последњи воз.
Рекао сам ти да не отвараш та врата.
Хвала, али већ је касно и морам да идем.""",
    "german": """Wo bist du die ganze Nacht gewesen?
Ich kann nicht glauben, dass du das getan hast, Jürgen.
Bitte setz dich und hör mir gut zu.
Wenn wir jetzt losgehen, schaffen wir den letzten Zug nach München.
Ich habe dir doch gesagt, dass du diese Tür nicht öffnen sollst.
Danke, aber es ist spät, und ich muss nach Hause. Schöne Grüße!""",
    "french": """Où étais-tu passé toute la nuit ?
Je n'arrive pas à croire que tu aies fait ça.
Assieds-toi, s'il te plaît, et écoute-moi bien.
Si nous partons tout de suite, nous aurons le dernier train.
Je t'avais pourtant prévenue de ne pas ouvrir cette fenêtre, ma sœur.
Merci, mais il est très tard et je dois y aller. Ça va ?""",
    "spanish": """¿Dónde estuviste toda la noche?
No puedo creer que hayas hecho eso, señora.
Por favor, siéntate y escúchame con atención.
Si salimos ahora, todavía llegamos al último tren.
¡Te dije que no abrieras esa puerta, niño!
Gracias, pero ya es tarde y mañana trabajo.""",
    "italian": """Dove sei stato tutta la notte?
Non posso credere che tu l'abbia fatto. Perché?
Siediti, per favore, così ti spiego tutto.
Se usciamo adesso, c'è ancora l'ultimo treno.
Ti avevo detto di non aprire più quella porta, è vero?
Grazie, ma è già tardi e domani sarà una giornata lunga. Però verrò.""",
    "portuguese": """Onde é que estiveste a noite toda?
Não posso acreditar que fizeste isso.
Por favor, senta-te e ouve-me com atenção.
Se sairmos já, ainda apanhamos o último comboio.
Eu disse-te para não abrires essa porta, irmão.
Obrigado, mas já é tarde e amanhã há reunião.""",
    "swedish": """Var har du varit hela natten, Åsa?
Jag kan inte förstå att du gjorde så.
Snälla, sätt dig och hör på mig ordentligt.
Om vi går nu hinner vi med sista tåget.
Jag sade ju åt dig att inte öppna den där dörren.
Tack, men det är för sent och jag måste gå hem.""",
    "danish": """Hvor har du været hele natten?
Jeg kan ikke forstå, at du gjorde det på den måde.
Sæt dig nu ned og hør ordentligt på mig.
Hvis vi går nu, når vi det sidste tog.
Jeg sagde jo, at du ikke måtte åbne døren.
Tak, men jeg må gå hjem nu. Vi ses på lørdag, kære søster.""",
    "finnish": """Missä sinä olit koko yön?
En voi käsittää, että teit tämän.
Istu alas ja kuuntele minua, ole hyvä.
Jos lähdemme nyt, ehdimme vielä viimeiseen junaan.
Sanoinhan, ettei sitä ovea saa avata, eikö niin, äiti?
Kiitos, mutta on jo myöhä ja minun täytyy mennä.""",
    "icelandic": """Hvar varstu í alla nótt?
Ég trúi því ekki að þú hafir gert þetta.
Sestu niður og hlustaðu vel á mig.
Ef við förum núna náum við síðustu lestinni.
Ég sagði þér að opna ekki þessar dyr.
Þakka þér fyrir, en það er orðið framorðið.""",
    "greek": """Πού ήσουν όλη τη νύχτα;
Δεν μπορώ να πιστέψω ότι το έκανες.
Σε παρακαλώ, κάθισε και άκουσέ με προσεκτικά.
Αν φύγουμε τώρα, θα προλάβουμε το τελευταίο τρένο.
Σου είπα να μην ανοίξεις εκείνη την πόρτα.
Ευχαριστώ, αλλά είναι αργά και πρέπει να φύγω.""",
    "turkish": """Bütün gece neredeydin?
Bunu yaptığına inanamıyorum.
Lütfen otur ve beni dikkatle dinle.
Şimdi çıkarsak son trene yetişiriz.
Sana o kapıyı açmamanı söylemiştim.
Teşekkür ederim ama geç oldu, gitmem gerekiyor.""",
    "hebrew": """איפה היית כל הלילה?
אני לא מאמין שעשית את זה.
בבקשה, שבי ותקשיבי לי טוב.
אם נצא עכשיו, נספיק לרכבת האחרונה.
אמרתי לך לא לפתוח את הדלת הזאת.
תודה, אבל כבר מאוחר ואני צריך ללכת.""",
    "arabic": """أين كنت طوال الليل؟
لا أصدق أنك فعلت ذلك.
من فضلك اجلس واستمع إلي جيدا.
إذا خرجنا الآن فسوف نلحق بآخر قطار.
قلت لك ألا تفتح هذا الباب.
شكرا، لكن الوقت متأخر ويجب أن أذهب.""",
    "lithuanian": """Kur buvai visą naktį?
Negaliu patikėti, kad tu tai padarei.
Prašau, sėsk ir atidžiai manęs klausyk.
Jei išeisime dabar, dar spėsime į paskutinį traukinį.
Sakiau tau neatidaryti tų durų, ar girdėjai?
Ačiū, bet jau vėlu ir man reikia eiti namo.""",
    "latvian": """Kur tu biji visu nakti?
Es nevaru noticēt, ka tu to izdarīji.
Lūdzu, apsēdies un uzmanīgi paklausies.
Ja iesim tagad, mēs vēl paspēsim uz pēdējo vilcienu.
Es tev teicu, lai tu never vaļā tās durvis.
Paldies, bet ir jau vēls, un man jāiet mājās.""",
    "estonian": """Kus sa terve öö olid?
Ma ei suuda uskuda, et sa seda tegid, õde.
Palun istu maha ja kuula mind tähelepanelikult.
Kui me nüüd läheme, jõuame veel viimasele rongile.
Ma ütlesin sulle, et sa seda ust ei avaks.
Aitäh, aga on juba hilja ja ma pean koju minema. Head ööd!""",
    "vietnamese": """Anh đã ở đâu suốt đêm qua?
Tôi không thể tin là cô đã làm điều đó.
Làm ơn ngồi xuống và nghe tôi nói.
Nếu đi ngay bây giờ, chúng ta sẽ kịp chuyến tàu cuối.
Tôi đã bảo anh đừng mở cánh cửa đó mà.
Cảm ơn, nhưng đã muộn rồi và tôi phải đi.""",
    "thai": """เมื่อคืนคุณไปอยู่ที่ไหนมา
ฉันไม่อยากจะเชื่อว่าคุณทำแบบนั้น
ได้โปรดนั่งลงแล้วฟังฉันให้ดี
ถ้าเราออกไปตอนนี้ เราจะทันรถไฟขบวนสุดท้าย
ฉันบอกคุณแล้วว่าอย่าเปิดประตูบานนั้น
ขอบคุณ แต่ดึกแล้วและผมต้องไป""",
    "korean": """밤새 어디에 있었어요?
당신이 그런 일을 했다니 믿을 수가 없어요.
여기 앉아서 내 말 좀 잘 들어 봐요.
지금 나가면 마지막 기차를 탈 수 있을 거예요.
그 문을 열지 말라고 했잖아요.
고맙지만 너무 늦어서 이제 가야 해요.""",
    "japanese": """一晩中どこにいたの?
あなたがそんなことをしたなんて信じられない。
座って、私の話をよく聞いてください。
今出れば、最後の電車に間に合うよ。
あのドアを開けるなと言ったじゃないか。
ありがとう、でももう遅いから帰らなきゃ。""",
    "simplified Chinese": """你整个晚上都去哪里了?
我不敢相信你做了这样的事。
请坐下来，好好听我说。
如果现在出发，我们还能赶上最后一班火车。
我告诉过你不要打开那扇门。
谢谢，可是已经很晚了，我得走了。""",
    "traditional Chinese": """你整個晚上都去哪裡了?
我不敢相信你做了這樣的事。
請坐下來，好好聽我說。
如果現在出發，我們還能趕上最後一班火車。
我告訴過你不要打開那扇門。
謝謝，可是已經很晚了，我得走了。""",
}
