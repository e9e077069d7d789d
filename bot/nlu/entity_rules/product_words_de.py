"""German words for goods, parts and contracts, trade by trade: what a customer may complain about.

A word counts alone and as the last part of a compound: "maschine" covers "Waschmaschine" and "Nähmaschine". The list is
evidence for the token classifier, not a verdict: "im Rollstuhl" in a sentence about a shop remains no product.
"""

from __future__ import annotations

_APPLIANCES = """
gerät maschine waschmaschine spülmaschine geschirrspüler trockner wäschetrockner kühlschrank gefrierschrank gefriertruhe
kühltruhe herd ofen backofen kochfeld ceranfeld induktionsfeld mikrowelle dunstabzug abzugshaube haube toaster wasserkocher
mixer stabmixer pürierstab standmixer entsafter vollautomat kaffeeautomat kaffeemaschine espressomaschine milchaufschäumer
kapselmaschine bügeleisen dampfbügeleisen bügelstation dampfreiniger staubsauger sauger saugroboter roboter wischroboter
ventilator klimaanlage klimagerät luftreiniger luftbefeuchter luftentfeuchter entfeuchter heizlüfter heizung heizkörper
radiator thermostat boiler durchlauferhitzer therme gastherme kessel heizkessel wärmepumpe brenner ölofen kamin kaminofen
pelletofen grill gasgrill raclette fondue waffeleisen sandwichmaker fritteuse heißluftfritteuse airfryer reiskocher dampfgarer
brotbackautomat küchenmaschine thermomix eismaschine waage personenwaage küchenwaage föhn fön haartrockner glätteisen
lockenstab rasierer rasierapparat epilierer trimmer zahnbürste nähmaschine weckuhr wecker mangel sodastream
allesschneider dosenöffner popcornmaschine eierkocher saftpresse luftpumpe weinkühlschrank wärmeplatte heizdecke heizkissen
"""
_ELECTRONICS = """
fernseher tv glotze beamer projektor monitor bildschirm display laptop notebook rechner computer pc macbook tablet ipad handy
smartphone iphone telefon festnetztelefon kopfhörer ohrhörer headset earbuds airpods lautsprecher box soundbar bassbox boombox
verstärker receiver radio autoradio plattenspieler stereoanlage anlage kamera webcam kameradrohne drohne objektiv stativ
blitzgerät fotoapparat camcorder dashcam türklingel klingel babyphon babyfon uhr smartwatch armbanduhr fitnesstracker tracker
konsole spielkonsole playstation ps5 xbox nintendo switch controller joystick tastatur keyboard maus touchpad drucker scanner
patrone tintenpatrone toner festplatte ssd usb-stick stick speicherkarte speicher grafikkarte prozessor mainboard netzteil
arbeitsspeicher gehäuse lüfter router repeater fritzbox modem switch powerbank akku batterie ladegerät ladekabel ladestation
wallbox ladebox kabel adapter hdmi-kabel stecker steckdose steckdosenleiste verlängerungskabel fernbedienung antenne
satschüssel set-top-box ebook-reader e-reader ereader kindle navi navigationsgerät alarmanlage bewegungsmelder rauchmelder
sensor steuerung glühbirne birne led lampe leuchte stehlampe lichterkette strahler diktiergerät taschenrechner hülle
handyhülle schutzfolie folie simkarte sim-karte esim mikrofon synthesizer vr-brille telefonanlage faxgerät
"""
_FURNITURE = """
möbel möbelstück schrank kleiderschrank küchenschrank spiegelschrank kommode sideboard anrichte vitrine regal bücherregal
wandregal tisch esstisch schreibtisch couchtisch beistelltisch stuhl bürostuhl drehstuhl gamingstuhl hocker barhocker bank
eckbank sessel fernsehsessel sofa couch ecksofa schlafsofa kanapee bett boxspringbett kinderbett hochbett stockbett bettgestell
lattenrost matratze topper kissen kopfkissen decke bettdecke bettwäsche laken spannbettlaken bezug überzug teppich läufer
vorhang gardine rollo plissee jalousie markise spiegel garderobe schuhschrank nachttisch truhe schublade front küche
einbauküche arbeitsplatte spüle armatur wasserhahn hahn mischbatterie dusche duschkabine duschkopf duschwand badewanne wanne
waschbecken waschtisch toilette klo wc klobrille spülkasten bidet badmöbel handtuch handtuchhalter duschvorhang wickeltisch
wickelkommode wiege stubenwagen laufstall hochstuhl schaukelstuhl hängematte tür haustür zimmertür schiebetür türgriff griff
scharnier schloss türschloss fenster dachfenster rollladen rolladen fliegengitter fliese fliesen parkett laminat vinylboden
boden bodenbelag tapete farbe wandfarbe lack putz silikon fuge treppe treppengeländer geländer dach dachrinne ziegel zaun tor
garagentor wintergarten terrasse carport pergola balkon balkonkraftwerk solaranlage photovoltaikanlage pv-anlage
solarpanel wechselrichter speicher estrich dämmung fassade leitung rohr abfluss wasserleitung gasleitung stromleitung
sicherungskasten steckdosen lichtschalter schalter elektrik zählerschrank treppenlift aufzug brett platte leiste kerze
kerzenständer vase bilderrahmen bild poster gemälde skulptur figur deko uhrwerk wanduhr standuhr weihnachtsbaum christbaum
adventskranz adventskalender krippe
"""
_KITCHENWARE = """
topf pfanne bräter wok besteck messer gabel löffel teller tasse becher thermobecher glas weinglas gläser schüssel schale
kanne teekanne thermoskanne kaffeekanne krug karaffe geschirr service porzellan auflaufform backform kuchenform blech
schneidebrett sieb reibe küchenmesser korkenzieher flasche trinkflasche wasserflasche brotdose dose lunchbox tortenplatte
pfeffermühle mühle deckel bratpfanne schnellkochtopf
"""
_CLOTHES = """
kleid brautkleid hochzeitskleid abendkleid dirndl lederhose hose jeans anzug sakko hemd bluse t-shirt shirt pulli pullover
hoodie strickjacke jacke lederjacke winterjacke regenjacke daunenjacke mantel weste rock socken strümpfe strumpfhose unterwäsche
slip bh bikini badeanzug badehose bademantel schlafanzug pyjama nachthemd mütze hut kappe schal handschuhe gürtel krawatte
fliege schuhe schuh stiefel sneaker turnschuhe sandalen pumps pantoffeln hausschuhe gummistiefel laufschuhe wanderschuhe
fußballschuhe trikot trainingsanzug jogginghose leggings overall kostüm uniform arbeitshose arbeitsschuhe sohle sohlen absatz
reißverschluss knopf ring ehering trauring eheringe trauringe kette halskette armband ohrringe ohrring brosche schmuck anhänger
tasche handtasche rucksack koffer reisetasche schulranzen ranzen geldbeutel portemonnaie brieftasche geldbörse regenschirm
schirm sonnenbrille brille gleitsichtbrille lesebrille kontaktlinsen linsen gläser brillengestell perücke schleier wäsche
kleidung klamotten strampler body windeln windel babykleidung poloshirt bügel ohrstecker manschettenknöpfe
"""
_VEHICLES = """
auto wagen pkw gebrauchtwagen neuwagen leihwagen mietwagen karre kombi golf polo passat corsa astra fiesta focus audi bmw
mercedes opel skoda dacia volvo tesla e-auto elektroauto transporter wohnmobil wohnwagen anhänger lkw motorrad roller
motorroller e-scooter scooter moped mofa vespa quad traktor boot fahrrad rad e-bike ebike pedelec lastenrad rennrad mountainbike
kinderfahrrad laufrad dreirad damenrad motor getriebe kupplung bremse bremsen bremsbeläge bremsscheibe bremsscheiben reifen
winterreifen sommerreifen ganzjahresreifen felge felgen alufelgen rad räder auspuff katalysator zahnriemen steuerkette
lichtmaschine anlasser autobatterie zündkerzen zündkerze turbolader kühler stoßdämpfer achse lenkung lenkrad servolenkung
scheibe windschutzscheibe frontscheibe scheinwerfer blinker rücklicht außenspiegel spiegel kotflügel stoßstange motorhaube
kofferraum dachbox dachgepäckträger fahrradträger anhängerkupplung sitz kindersitz babyschale sattel lenker pedal schaltung
kette fahrradkette fahrradschloss helm fahrradhelm motorradhelm reifensatz standheizung partikelfilter ölfilter filter ölwanne
dichtung zylinderkopfdichtung schlüssel autoschlüssel wischer scheibenwischer tank ventil fußmatten klimakompressor
ersatzteil felgensatz radlager querlenker gaszug tacho
"""
_GARDEN_TOOLS = """
rasenmäher mäher mähroboter rasentraktor heckenschere motorsäge kettensäge säge kreissäge stichsäge laubbläser häcksler
hochdruckreiniger kärcher gartenschlauch schlauch rasensprenger sprenger gießkanne schubkarre gartenhaus
gewächshaus gerätehaus schuppen sandkasten schaukel rutsche trampolin planschbecken pool poolpumpe pumpe teichpumpe whirlpool
sauna saunakabine gartenmöbel gartentisch gartenstuhl gartenbank liege sonnenliege strandkorb sonnenschirm pavillon zelt
hollywoodschaukel feuerschale feuerkorb regentonne tonne komposter erde blumenerde rasensamen saatgut samen dünger pflanze
topfpflanze zimmerpflanze blumen blume rosen rose strauß blumenstrauß brautstrauß orchidee orchideen baum apfelbaum obstbaum
hecke strauch rasen rollrasen gartenzwerg blumentopf bohrmaschine akkuschrauber akkubohrer bohrer schlagbohrmaschine
schleifmaschine schleifgerät flex winkelschleifer fräse hobel hammer schraubenzieher schraubendreher schrauben schraube dübel
zange werkzeug werkzeugkoffer werkbank leiter kompressor schweißgerät generator notstromaggregat aggregat lötkolben
heißluftpistole tacker nagler kabeltrommel farbrolle pinsel kleber spachtel zement rasenkantenschneider freischneider
schneefräse gartenschere astschere vertikutierer insektenhotel vogelhaus
"""
_CHILDREN_SPORT = """
spielzeug puppe puppenhaus puppenwagen puppenküche teddy kuscheltier plüschtier stofftier lego playmobil bausatz baukasten
puzzle spiel brettspiel kartenspiel videospiel lernspiel modellbahn eisenbahn rennbahn carrerabahn bauklötze knete
malkasten stifte bobbycar kettcar roller kinderwagen buggy babytrage tragetuch babywippe milchpumpe schnuller fläschchen
babymilch babynahrung toniebox tonie laufband ergometer heimtrainer crosstrainer rudergerät hantel hanteln hantelbank
kettlebell yogamatte matte sporttasche ski skier skischuhe skistöcke snowboard schlitten schlittschuhe inliner skateboard
tennisschläger schläger golfschläger ball fußball basketball boxhandschuhe schwimmbrille taucherbrille taucheranzug
neoprenanzug surfbrett sup kajak kanu schlauchboot schlafsack isomatte luftmatratze wanderstöcke rucksack angel angelrute
billardtisch tischtennisplatte kicker dartscheibe gitarre klavier flügel geige trompete saxophon schlagzeug bass cello flöte
ukulele akkordeon keyboard noten instrument instrumente e-gitarre e-piano
"""
_HEALTH_FOOD = """
medikament medikamente medizin arznei arzneimittel tablette tabletten pille pillen tropfen augentropfen hustensaft saft salbe
creme sonnencreme gesichtscreme lotion shampoo duschgel seife parfüm parfum deo make-up makeup lippenstift nagellack mascara
lidschatten haarfarbe haarspray zahnpasta pflaster verband bandage orthese prothese einlagen hörgerät hörgeräte rollator
rollstuhl elektrorollstuhl elektromobil krücken gehhilfe pflegebett badewannenlift duschstuhl toilettensitz blutdruckmessgerät
blutzuckermessgerät messgerät fieberthermometer thermometer inhalator inhaliergerät sauerstoffgerät konzentrator insulin
insulinpumpe insulinpen insulinspritzen spritze spritzen teststreifen schnelltest masken maske impfstoff antibiotikum
asthmaspray spray notfallset epipen vitamine nahrungsergänzung proteinpulver pulver kompressionsstrümpfe katheter inkontinenz
zahnersatz zahnspange schiene gebiss hausnotruf notrufknopf kontaktlinsenmittel wärmflasche massagegerät massagesessel
brot brötchen kuchen torte hochzeitstorte geburtstagstorte pralinen schokolade kekse gebäck plätzchen eis joghurt milch käse
butter eier ei wurst würstchen schinken fleisch steak gulasch hackfleisch hähnchen huhn gans ente pute fisch lachs sushi
pizza burger döner schnitzel suppe salat nudeln reis kartoffeln pommes gemüse obst apfel äpfel erdbeeren bananen trauben
beeren honig marmelade müsli kaffee kaffeebohnen tee wein rotwein sekt bier wasser limo saft smoothie olivenöl öl gewürz
gewürze sauce soße senf ketchup konserve konserven tiefkühlpizza fertiggericht menü essen mahlzeit kochbox lebensmittel einkauf
gemüsekiste geschenkkorb weinkiste chips nüsse katzenfutter hundefutter futter vogelfutter leckerli katzenstreu streu leine
hundeleine halsband hundebett kratzbaum katzenklo aquarium terrarium käfig transportbox hundegeschirr sattel reithelm napf
futterautomat zigaretten waschmittel putzmittel reiniger toilettenpapier windeleimer
"""
_CONTRACTS = """
vertrag abo abonnement zeitungsabo handyvertrag mobilfunkvertrag internetvertrag dsl-vertrag stromvertrag gasvertrag
gym-vertrag wartungsvertrag kaufvertrag leasingvertrag mietvertrag kreditvertrag ratenvertrag tarif
stromtarif handytarif datentarif flatrate prepaidkarte internet internetanschluss anschluss telefonanschluss glasfaseranschluss
glasfaser dsl wlan w-lan festnetz leitung strom gas fernwärme heizöl versicherung hausratversicherung haftpflicht
haftpflichtversicherung autoversicherung kfz-versicherung reiseversicherung reiserücktrittsversicherung lebensversicherung
zahnzusatzversicherung rechtsschutzversicherung krankenversicherung riesterrente rente police kreditkarte girokonto konto depot
kredit darlehen sparbuch mitgliedschaft probeabo premium-abo jahreskarte dauerkarte monatskarte abokarte zeitkarte
deutschlandticket ticket tickets karten konzertkarten eintrittskarten eintrittskarte fahrkarte bahncard flug flüge flugticket
rückflug reise pauschalreise urlaub kreuzfahrt hotel hotelzimmer zimmer ferienwohnung appartement suite sitzplatz
kurs onlinekurs yogakurs sprachkurs seminar workshop fahrstunde massage behandlung app software programm lizenz antivirus
betriebssystem lernsoftware zeitschrift zeitung magazin buch bücher roman hörbuch ebook e-book kochbuch
schulbuch atlas kalender fotobuch fotos abzüge film dvd blu-ray cd schallplatte platte album comic briefmarke briefmarken
münze münzen antiquität streaming streaming-abo partyset feuerwerk kühlakku gutscheinkarte umzug reinigung grabstein sarg
urne grabgesteck schlüsselanhänger stempel locher ordner füller kugelschreiber stift schultüte ersatzgerät leihgerät
austauschgerät vorführgerät ersatzhandy anlage waren
"""

_MORE = """
netbook gamepad kühlbox subwoofer gameboy laufwerk kühlsystem fahrradständer fensterheber jeep lexus twingo limousine cabrio
feuerzeug snack schokoriegel riegel blitzlicht feuerlöscher handschuhfach schnürsenkel sicherheitsgurt gurt leuchtmittel
küchenzeile gefrierfach touchscreen wärmetauscher linoleum klopapier küchenpapier soundkarte braten solarmodul modul spülmittel
weichspüler duftkerze teleskop fernglas mikroskop bremsflüssigkeit bremsleitung kabelbinder schürze zylinderkopf federbein
kardanwelle welle kugellager lager getriebeöl wagenheber warndreieck dachkoffer dockingstation rasierklinge klinge brennholz
pellets kaminholz holz stapler seilzug draht luftballon ballons klettergerüst gerüst töpfchen multimeter videorecorder
simulator beleuchtung dimmer platine plastiktüte geschenkpapier servietten spieluhr nistkasten karotten kräuter spargel
champignons mandarinen zitronen croissant croissants brezel brezn leberkäse maultaschen spätzle semmel semmeln weckle krapfen
lebkuchen stollen osterei ostereier schokohase gummibärchen bonbons kaugummi mineralwasser wodka whisky schnaps likör radler
hometrainer sitzsack korb fahrradkorb einkaufskorb wäschekorb wäscheständer bügelbrett mülleimer eimer besen wischmopp
schrankwand schreibtischlampe laterne diele dielen terrassendielen pflastersteine pflaster steine kies sand markisentuch plane
hütte hundehütte gartenhütte kasten briefkasten paketkasten werkzeugkasten sandkiste kiste kartusche kohlefilter beutel
staubsaugerbeutel tüten umzugskartons karaffe zahnkrone krone implantat gehstock stock treppensteiger rampe lifter
stomabeutel kanüle atemgerät beatmungsgerät cpap-gerät blutdrucktabletten antidepressiva schmerzmittel schlafmittel pflegemittel
desinfektionsmittel chlor rattenköder köder dünger unkrautvernichter e-zigarette verdampfer velo töffli natel büx kommood deern
fohrrad rechaud lavabo pneu pneus kasten sackerl sessellift karaokebox karaokeanlage nebelmaschine discokugel modellauto
modellflugzeug hubschrauber sammelkarten panini puppenkleid verkleidung kasperletheater roller bollerwagen
schneeketten skihose skihelm skipass dauerkarte kinokarte theaterkarte fähre zugticket fahrschein sitzplatzreservierung
mietauto leihrad leihgerät ersatzakku ersatzteile zubehör set hockerset rahmenvertrag handwerkervertrag schutzbrief
reisepass personalausweis pass führerschein gutachten spiegelreflexkamera actioncam kopierer laminiergerät aktenvernichter
whiteboard flipchart kasse kassensystem sporthose stutzen schienbeinschoner torwarthandschuhe fahrradtasche trikotsatz
hundemantel hundespielzeug fressnapf futternäpfe filteranlage heizstab meerschweinchen kaninchenstall stall taubenschlag
nagerkäfig sämlinge setzlinge tomaten gurken paprika heu stroh silage gerüst bauzaun betonmischer mischer stampfer rüttler
glasur ofenscheibe schamottstein feinstaubfilter abgasrohr rauchrohr entkalker kalkfilter wasserfilter osmoseanlage
enthärtungsanlage entkalkungsanlage zirkulationspumpe heizungspumpe ventil thermostatventil spülung wasserzähler stromzähler
gaszähler zähler smartmeter sat-anlage klemmleiste sicherung fi-schalter brandmelder gasmelder türöffner gegensprechanlage
schließanlage zylinder schließzylinder tresor safe kamera überwachungskamera wildkamera speisen buffet catering mittagstisch
"""

WORDS: frozenset[str] = frozenset(
    word
    for group in (
        _APPLIANCES,
        _ELECTRONICS,
        _FURNITURE,
        _KITCHENWARE,
        _CLOTHES,
        _VEHICLES,
        _GARDEN_TOOLS,
        _CHILDREN_SPORT,
        _HEALTH_FOOD,
        _CONTRACTS,
        _MORE,
    )
    for word in group.split()
)
