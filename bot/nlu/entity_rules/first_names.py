"""First names that German- and English-speaking customers and staff bear: evidence for the learned model of persons.

Left out are names that are common words as well ("Mark", "Will", "Grace", "Rose", "May", "Ernst", "Frank" and the like
say little in a sentence).
"""

from __future__ import annotations

_GERMAN = """
achim adelheid albert alexander alfred alina amelie andrea andreas angelika anja anke anna anne annegret annelie anneliese
annette antje anton armin arne astrid barbara bastian beate benedikt benjamin bernd bernhard bettina birgit björn brigitte
britta bruno burkhard carina carla carolin carsten cäcilia charlotte christa christel christian christiane christina christine
christoph claudia clemens constanze cornelia dagmar daniel daniela david dennis detlef dieter dietmar dirk dominik doris dorothea
eberhard eckhard edeltraud edith egon elena elfriede elisabeth elke elsbeth emil emilia emma erich erika erna erwin esther eva
fabian felix ferdinand finn florian franz franziska frauke frieda friedrich fritz gabi gabriele georg gerd gerda gerhard gertrud
gisela gottfried gregor gudrun guido gunther günter günther gustav hannah hannelore hannes hans harald hartmut hedwig heidi heike
heiko heiner heinrich heinz helene helga helmut henrik herbert hermann hildegard hilde holger horst hubert hugo ilona ilse ines
inge ingeborg ingo ingrid irene iris irmgard isabell jan jana janina jasmin jens joachim johann johanna johannes jonas jörg josef
josefine judith julia julian juliane jule jürgen jutta kai karin karl karla karlheinz karoline katharina kathrin katja katrin kerstin
kevin kilian klara klaus konrad kornelia kristin kurt lara larissa lars laura lea lena leni lenni leon leonie lina linda lisa lotte
louisa luca lucia ludwig luisa lukas lutz maik maike manfred manuel manuela marcel marco marcus margarete margit margot maria
marianne marie marina mario marion marius marlene marlies martin martina mathias matthias maximilian meike melanie mia michael
michaela mila mirjam miriam mona monika moritz nadine natalie nele nicole niklas nils nina nora norbert olaf ole oliver otto pascal
patrick paul paula peter petra philipp pia rainer ralf ralph ramona regina regine reiner reinhard reinhold renate rita robert robin
roland rolf romy rosa rosemarie rosi rüdiger rudi rudolf ruth sabine sandra sara sarah sascha saskia sebastian sepp sibylle siegfried
sigrid silke silvia simon simone sofia sonja sophie stefan stefanie steffen stephan stephanie susanne svenja sven sybille sylvia tanja
tatjana theo theresa thomas thorsten tilda tilman tim timo tina tobias tom torsten udo ulrich ulrike ursel ursula ute uwe vanessa vera
verena veronika viktor viktoria volker walburga walter waldemar waltraud werner wilfried wilhelm willi winfried wolfgang yannick yvonne
"""
_ENGLISH = """
abigail adam aidan aisling alan alasdair albert alex alexa alice alison amanda amelia amy andrea andrew angela angus anita ann anne
annabel anthony aoife archie arthur ashley audrey barbara barry beatrice becky ben benjamin bernadette beryl beth bethany betty beverley
brenda brendan brian bridget brigid bronwen bruce callum cameron carla carol caroline catherine cathy chelsea cheryl chloe chris christine
ciara cillian claire clare clive colin colleen connor conor craig cynthia daisy daniel danielle darren dave david dawn dean deborah
debbie declan deirdre denise dennis derek dermot diane dolores donal donald donna doreen doris dorothy doug duncan dylan eamon
edith edna edward eileen eilidh elaine eleanor elizabeth ella ellen ellie elsie emily emma eoin erin ethan ethel eunice evelyn fergus
fiona florence fran frances freddie freya gareth gary gavin gemma geoff geoffrey george georgia georgina gerald geraldine gerry
gillian glenda glenn gordon graeme graham greg gregory gwen hamish hannah harold harriet harry hazel heather helen henry hilary howard
hugh iain ian imogen irene isaac isabel isla ivan jackie jacob jacqueline jake jamie jan jane janet janice janine jason jean jeff
jemma jennifer jenny jeremy jess jessica jill jim jimmy joan joanna joanne jodie joe joel john johnny jonathan jordan josephine
josh joshua joyce judith julia julian julie karen kate katherine kathleen kathryn katie kayleigh keith kelly ken kenneth kerry
kevin kieran kirsty kylie lachlan laura lauren leah leanne lee len leonard leslie liam lily linda lisa liz lloyd logan lorna lorraine
louise lucas lucy luke lydia lynn mabel maeve maggie malcolm mandy marcia margaret maria marian marie marilyn marion marjorie martha
martin mary maureen megan melanie melissa mervyn michael michelle mick mike millie miranda moira molly morag muriel myra nancy naomi
natalie natasha nathan neil niamh nicholas nicola nigel noah noel nora norma norman oliver olivia oonagh orla oscar owen padraig pam
pamela pat patricia patrick paul paula pauline peggy penelope penny peter phil philip phoebe phyllis rachel ralph ray raymond rebecca
rhys richard robert roger ronald ronnie rory rosalind rosemary rosie ross roy ruby russell ruth ryan sally sam samantha samuel
sandra sarah sean shane shanice shannon sharon sheila shelley shirley simon sinead siobhan siobhán sophie stacey stanley stella stephanie
stephen steve steven stewart stuart sue susan suzanne sylvia tamsin tara ted terence teresa terry tess theresa thomas tiffany
tim timothy tina toby tom tony tracey tracy trevor trisha ursula valerie vanessa vera veronica vicky vincent wayne wendy winifred yvonne
zara zoe zoë
"""
_EVERYWHERE = """
abdul achmed adebayo adnan agnieszka ahmad ahmed aisha akira aleksandra alejandro ali alina amina amir amit anastasia andrei andrzej
anil anita anjali ankit arjun ayesha aylin ayşe ayse bartosz beata bogdan bojan branka burak carlos carmen cem chidi chinedu
chiara chloé claudio dariusz deepak deniz diego dimitri dmitri dragan ebru elif emeka emine emre enrique erkan ewa fatima fatma
fatou federico fernando francesca francesco gianni giorgio giovanni giulia giuseppe goran grzegorz gülay hakan halil hamza hasan hassan
hatice hussein ibrahim igor ioana irina ivana ivica jacek jadwiga jakub joanna jorge josé juan kadir kamil karim kasia katarzyna kavita
kemal khalid krzysztof kwame lakshmi layla leila ling lorenzo luis lukasz łukasz magda małgorzata manoj marek mariam mario marta mateusz
matteo mehmet  mercedes meera michał miguel milan milica mirko mohamed mohammed muhammad murat mustafa nadia nadja natalia neha ngozi
nikola nisha nkechi oksana olena olga olusegun omar orhan osman pablo paolo pavel pawel paweł pedro pierre piotr pooja prakash priti priya
rachid radek rahul raj rajesh ramesh rania raúl recep rohan rohit roberto salma sandeep sanjay santiago selin selma serkan sergei
shreya sinan slavica snežana sofía stanislaw sunil sunita suresh svetlana tamara tariq tatiana tomasz turgut ümit valentina vijay vikram
vladimir wei wojciech yasemin yasmin yuki yusuf zainab zeynep zofia zoran
"""

FIRST_NAMES: frozenset[str] = frozenset(f"{_GERMAN} {_ENGLISH} {_EVERYWHERE}".split())
