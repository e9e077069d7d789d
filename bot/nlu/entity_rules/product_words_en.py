"""English words for goods, parts and contracts, trade by trade: what a customer may complain about.

Phrases of two or three words stand between commas. The list is evidence for the token classifier, not a verdict: "put
his muddy boots on my carpet" in a complaint about staff remains a matter of judgement.
"""

from __future__ import annotations

_APPLIANCES = """
washing machine, washer, tumble dryer, dryer, drier, dishwasher, fridge, refrigerator, freezer, fridge freezer, chest freezer,
cooker, oven, wall oven, hob, gas hob, induction hob, stove, range cooker, microwave, extractor hood, cooker hood, toaster,
kettle, blender, mixer, mixer grinder, grinder, food processor, stand mixer, juicer, coffee machine, coffee maker, espresso machine,
percolator, milk frother, iron, steam iron, steam mop, vacuum, vacuum cleaner, hoover, vacuum robot, robot vacuum, fan, air conditioner,
air con, aircon, ac, air purifier, humidifier, dehumidifier, heater, fan heater, radiator, heating, central heating,
thermostat, boiler, combi boiler, water heater, immersion heater, heat pump, geyser, burner, wood burner, log burner, fireplace, bbq,
barbecue, grill, gas grill, griddle, waffle maker, fryer, air fryer, slow cooker, rice cooker, pressure cooker, steamer, bread maker,
bread machine, ice cream maker, scales, kitchen scales, bathroom scales, hair dryer, hairdryer, straighteners, curling tongs, shaver,
razor, epilator, trimmer, clippers, toothbrush, electric toothbrush, sewing machine, alarm clock, clock, electric blanket, soda maker,
appliance, inverter, water softener, water filter, fridge compressor, cast iron stove, ice maker, wine cooler, popcorn maker
"""
_ELECTRONICS = """
tv, telly, television, smart tv, projector, monitor, screen, display, laptop, notebook, computer, pc, desktop, macbook, chromebook, tablet,
ipad, phone, mobile, mobile phone, smartphone, iphone, samsung, pixel, handset, telephone, landline, headphones, earphones, earbuds, airpods,
headset, speaker, speakers, smart speaker, bluetooth speaker, soundbar, amp, amplifier, receiver, radio, car radio, stereo, record player,
turntable, camera, webcam, drone, lens, tripod, flash, camcorder, dash cam, dashcam, doorbell, video doorbell, baby monitor, watch,
smartwatch, smart watch, fitness tracker, fitness band, tracker, console, games console, playstation, ps5, ps4, xbox, nintendo, switch,
controller, joystick, keyboard, mouse, printer, scanner, ink, ink cartridge, cartridge, toner, hard drive, ssd, usb stick, memory card,
graphics card, gpu, processor, motherboard, power supply, case, router, modem, mesh, wifi, wi-fi, power bank, battery, batteries, charger,
charging cable, wall charger, cable, lead, adapter, adaptor, hdmi cable, plug, socket, extension lead, remote, remote control, aerial,
antenna, satellite dish, set-top box, dish, e-reader, ereader, kindle, sat nav, satnav, gps, alarm, burglar alarm, smoke alarm, smoke
detector, motion sensor, sensor, bulb, light bulb, lamp, light, lights, fairy lights, floor lamp, desk lamp, phone case, screen protector,
sim, sim card, esim, microphone, mic, vr headset, calculator, smart meter, meter, electricity meter, solar panel, solar panels, panels,
hard disk, electronics, gadget, device, software, app, game, video game, licence key, printer ink, security camera, hearing loop
"""
_HOME = """
furniture, sofa, couch, settee, sofa bed, corner sofa, armchair, recliner, recliner chair, chair, chairs, dining chair, office chair,
gaming chair, rocking chair, stool, bar stool, bench, table, dining table, coffee table, side table, desk, standing desk, wardrobe, chest of
drawers, drawers, drawer, dresser, cabinet, cupboard, bookcase, bookshelf, shelf, shelves, shelving, shelf pegs, sideboard, tv stand, bed,
bunk bed, bunk beds, bed frame, bedframe, double bed, cot, crib, mattress, mattress topper, topper, headboard, pillow, pillows, duvet, quilt,
bedding, sheets, bed linen, blanket, throw, cushion, cushions, rug, carpet, carpets, curtain, curtains, curtain rail, blind, blinds, roller
blind, awning, mirror, picture, picture frame, frame, painting, print, poster, canvas, vase, candle, candles, ornament, clock, lampshade,
chandelier, kitchen, fitted kitchen, kitchen fronts, worktop, countertop, sink, tap, taps, mixer tap, faucet, shower, shower screen, shower
tray, shower head, electric shower, bath, bathtub, bathroom, bathroom suite, basin, toilet, toilet seat, cistern, loo, towel, towels, towel rail,
hot tub, jacuzzi, sauna, door, doors, front door, door handle, door handles, handle, hinge, hinges, lock, key, keys, safe, window, windows,
sash windows, double glazing, conservatory, skylight, roof, flat roof, roof tiles, gutter, guttering, extension, loft conversion, staircase,
stairs, banister, stairlift, stair lift, lift, floor, flooring, laminate, parquet, vinyl, tiles, tile, wallpaper, paint, plaster, sealant,
grout, insulation, fence, fencing, fence panels, gate, garage door, shed, garden shed, patio, decking, driveway, pipe, pipes, drain, wiring,
fuse box, socket, switch, extractor fan, ceiling fan, high chair, highchair, changing table, christmas tree, wreath, decorations, tree lights,
ironing board, bin, bucket, mop, clothes airer, hanger, hangers, storage box, plank, planks, screws, bracket, kitchen tap, wall unit
"""
_KITCHENWARE = """
pot, pots, pan, pans, saucepan, frying pan, wok, casserole dish, cutlery, knife, knives, fork, spoon, plate, plates, cup, cups, mug, mugs,
glass, glasses, wine glasses, bowl, bowls, teapot, flask, jug, crockery, china, dinner set, dinner service, tea set, baking tray, cake tin,
chopping board, sieve, grater, corkscrew, bottle, water bottle, lunch box, lunchbox, tin, lid, pepper mill
"""
_CLOTHES = """
dress, dresses, wedding dress, prom dress, bridesmaid dress, gown, saree, sari, lehenga, kurta, suit, jacket, leather jacket, blazer, coat,
winter coat, raincoat, parka, anorak, jumper, sweater, cardigan, hoodie, fleece, shirt, shirts, blouse, t-shirt, tshirt, tee, top, polo shirt,
trousers, pants, jeans, chinos, shorts, leggings, skirt, kilt, socks, tights, underwear, bra, knickers, boxers, bikini, swimsuit, trunks,
dressing gown, pyjamas, pajamas, nightie, hat, cap, beanie, scarf, gloves, belt, tie, shoes, shoe, boots, boot, trainers, sneakers, sandals,
heels, flip-flops, slippers, wellies, wellingtons, running shoes, hiking boots, walking boots, football boots, jersey, football
shirt, tracksuit, joggers, overalls, costume, uniform, school uniform, work boots, sole, zip, zipper, button, ring, wedding ring, engagement
ring, rings, necklace, bracelet, earrings, brooch, pendant, jewellery, jewelry, chain, bag, handbag, purse, wallet, rucksack, backpack,
suitcase, suitcases, luggage, holdall, school bag, umbrella, sunglasses, glasses, reading glasses, varifocals, spectacles, specs, contact
lenses, lenses, wig, veil, nappies, diapers, babygrow, romper, onesie, clothes, clothing, outfit, laundry, waistcoat, vest, lingerie, watch strap
"""
_VEHICLES = """
car, used car, hire car, rental car, courtesy car, electric car, van, used van, camper, campervan, motorhome, caravan, trailer, truck, ute, suv,
estate, hatchback, golf, polo, passat, corsa, astra, fiesta, focus, mini, clio, yaris, civic, audi, bmw, mercedes, toyota, honda, ford, volvo,
skoda, tesla, nissan, kia, jaguar, motorbike, motorcycle, moped, scooter, mobility scooter, electric scooter, e-scooter, tractor, boat, bike,
bicycle, e-bike, ebike, electric bike, mountain bike, road bike, cargo bike, balance bike, kids bike, tricycle, exercise bike, engine, gearbox,
transmission, clutch, brake, brakes, brake pads, brake discs, brake disc, handbrake, tyre, tyres, winter tyres, tires, tire, snow tires, wheel,
wheels, alloys, alloy wheels, exhaust, catalytic converter, timing belt, cambelt, cam belt, timing chain, alternator, starter motor, car battery,
spark plugs, turbo, suspension, shock absorbers, steering, steering wheel, power steering, windscreen, windshield, headlight, headlights,
indicator, tail light, wing mirror, bumper, bonnet, boot, tailgate, sunroof, roof rack, roof box, tow bar, bike rack, car seat, seat, booster
seat, seat belt, saddle, handlebars, pedals, gears, chain, helmet, bike helmet, bike lock, filter, oil filter, gasket, head gasket, car key, key
fob, fob, wiper, wiper blades, fuel pump, fuel tank, aircon, dpf, wheel bearing, bodywork, paintwork, paint job, mot, car mats, seat covers, fork,
inner tube, derailleur, spare wheel, tow rope, jump leads
"""
_GARDEN_TOOLS = """
lawnmower, lawn mower, mower, robot mower, lawn tractor, strimmer, hedge trimmer, chainsaw, saw, circular saw, jigsaw, leaf blower, shredder,
pressure washer, hose, hosepipe, garden hose, sprinkler, watering can, wheelbarrow, greenhouse, summerhouse, log cabin, playhouse, sandpit, swing,
swing set, slide, trampoline, climbing frame, paddling pool, pool, pool pump, pump, pond pump, garden furniture, garden table, garden chairs,
garden bench, patio set, patio heater, sun lounger, lounger, deckchair, parasol, gazebo, marquee, tent, hammock, fire pit, water butt, compost
bin, compost, soil, turf, lawn, grass seed, seeds, bulbs, fertiliser, plant, plants, house plant, flowers, roses, bouquet, orchid, tree, apple
tree, hedge, shrub, bird table, bird feeder, gnome, planter, pots, drill, cordless drill, power drill, hammer drill, screwdriver, sander, angle
grinder, router, plane, hammer, pliers, spanner, tools, toolbox, tool kit, workbench, ladder, ladders, step ladder, compressor, welder, generator,
soldering iron, heat gun, staple gun, nail gun, glue, filler, cement, paving slabs, bricks, timber
"""
_CHILDREN_SPORT = """
toy, toys, doll, dolls, dolls house, teddy, teddy bear, cuddly toy, soft toy, lego, lego set, playset, puzzle, jigsaw puzzle, board game, chess set,
train set, toy car, model kit, building blocks, crayons, pushchair, pram, buggy, stroller, baby carrier, sling, bouncer, breast pump, dummy, baby
bottle, formula, baby formula, baby food, treadmill, rowing machine, cross trainer, elliptical, dumbbells, weights, weight bench, kettlebell, yoga
mat, punch bag, skis, ski boots, snowboard, sledge, skates, ice skates, roller skates, skateboard, tennis racket, racket, golf clubs, clubs, cricket
bat, hurley, ball, football, basketball, goggles, wetsuit, surfboard, paddle board, paddleboard, kayak, canoe, dinghy, sleeping bag, airbed, air
bed, camping stove, rod, fishing rod, pool table, snooker cue, dartboard, guitar, electric guitar, bass, piano, violin, trumpet, saxophone, drum
kit, drums, cello, flute, clarinet, ukulele, accordion, fiddle, bagpipes, sheet music, instrument, instruments, telescope, binoculars, fancy dress
costume, fireworks, balloons, party set
"""
_HEALTH_FOOD = """
medicine, medicines, medication, meds, tablets, pills, capsules, eye drops, drops, cough syrup, syrup, ointment, cream, sun cream, sunscreen, face
cream, lotion, moisturiser, serum, shampoo, conditioner, shower gel, soap, perfume, aftershave, deodorant, makeup, make-up, lipstick, lip balm,
mascara, foundation, nail polish, hair dye, toothpaste, plasters, bandage, brace, splint, insoles, orthotics, hearing aid, hearing aids, wheelchair,
wheelchair cushion, rollator, walker, walking frame, zimmer frame, walking stick, crutches, hospital bed, bath lift, shower chair, commode, blood
pressure monitor, glucose monitor, thermometer, inhaler, nebuliser, oxygen concentrator, oxygen, insulin, insulin pump, insulin pens, syringes,
test strips, test kit, masks, antibiotics, heart tablets, epipen, vitamins, supplements, protein powder, diet tea, compression stockings, catheters,
dentures, retainer, contact lens solution, pendant alarm, massage chair, massager, bread, rolls, cake, wedding cake, birthday cake, chocolates,
chocolate, biscuits, cookies, pastries, ice cream, yoghurt, yogurt, milk, cheese, butter, eggs, sausages, ham, bacon, meat, steak, mince, chicken,
turkey, goose, fish, salmon, prawns, sushi, pizza, burger, kebab, curry, biryani, soup, salad, pasta, noodles, rice, potatoes, chips, fries, crisps,
vegetables, veg, fruit, apples, strawberries, bananas, grapes, honey, jam, cereal, coffee, coffee beans, tea, wine, red wine, champagne, beer, whisky,
water, juice, smoothie, olive oil, oil, spices, sauce, ketchup, ready meal, meal, meal kit, takeaway, groceries, shopping, veg box, hamper, gift box,
gift basket, cat food, dog food, pet food, kibble, treats, bird seed, litter, cat litter, lead, dog lead, collar, dog bed, scratching post, litter
tray, aquarium, fish tank, cage, carrier, dog crate, harness, saddle, detergent, washing powder, cleaner, toilet roll, sandwich, sandwiches
"""
_CONTRACTS = """
contract, phone contract, mobile contract, broadband contract, energy contract, gym contract, maintenance contract, service contract, lease, hire
purchase, finance agreement, loan, credit agreement, subscription, magazine subscription, membership, gym membership, plan, phone plan, data
plan, tariff, energy tariff, prepaid card, broadband, internet, fibre, line, connection, electricity, gas, gas supply, heating oil, insurance, home
insurance, car insurance, travel insurance, pet insurance, life insurance, health insurance, policy, cover, warranty extension, extended warranty,
breakdown cover, credit card, debit card, bank account, current account, savings account, mortgage, pension, isa, season ticket, railcard, travelcard,
bus pass, pass, ticket, tickets, train ticket, concert tickets, flight, flights, return flight, holiday, package holiday, cruise, trip, hotel, hotel
room, room, suite, cottage, apartment, holiday let, villa, airbnb, course, online course, language course, class, classes, yoga class, driving lessons,
lessons, workshop, massage, treatment, haircut, streaming, streaming service, antivirus, licence, magazine, newspaper, book, books, novel, textbook,
textbooks, audiobook, ebook, e-book, cookbook, atlas, calendar, photo book, photos, prints, dvd, blu-ray, cd, record, vinyl, album, comic, stamps,
coins, antique, painting, removal, cleaning, headstone, coffin, pen, fountain pen, stationery, planner, diary, invitations, wedding invitations,
business cards, replacement unit, loan car, refurbished phone
"""

_MORE = """
gamepad, subwoofer, netbook, walkie-talkie, walkie talkies, intercom, keypad, stylus, trackpad, touchpad, docking station, monitor arm, heatsink,
fuse, fuses, dimmer, dimmer switch, circuit breaker, junction box, flashlight, torch, lantern, headlamp, lighter, stapler, label maker, shredder,
typewriter, whiteboard, cookware, tupperware, silverware, tableware, tray, platter, utensils, chopsticks, napkins, tablecloth, place mats, coasters,
comforter, sheets, linen, bedspread, futon, ottoman, pouffe, footstool, bean bag, beanbag, filing cabinet, locker, rack, shoe rack, wine rack, coat
stand, closet, vanity unit, mirror cabinet, medicine cabinet, skirting board, ceiling, ceilings, balcony, porch, pergola, carport, garage, chimney,
slates, downpipe, radiator valve, valve, cylinder, hot water cylinder, stopcock, shower door, door seal, oven door, oven glass, casserole, casserole
lid, cake stand, cake tin, food mixer, spice rack, hand blender, mixing bowl, washing line, peg bag, doormat, mat, bath mat, toilet brush, tooth
brush, cat flap, cat tree, dog flap, kennel, rabbit hutch, hutch, chicken coop, coop, stylus, aerator, garden shears, shears, secateurs, rake, spade,
shovel, hoe, trowel, axe, crowbar, wrench, socket set, drill bits, sandpaper, nails, bolts, rope, tarpaulin, tarp, cord, wire, wires, battery pack,
air pump, foot pump, tyre pump, dumbbell, bench press, football goal, goal, net, trampoline net, darts, frisbee, kite, scooter, hoverboard,
unicycle, longboard, roller blades, panniers, cycling shorts, bike computer, mudguard, mudguards, bike light, dinosaur, robot, toy robot, barbie,
action figure, figurine, collectible, trading cards, cards, pack of cards, dice, puppet, rocking horse, doll's house, paddles, life jacket, snorkel,
fins, ski jacket, ski pass, lift pass, season pass, membership card, library card, gift card, credit, store card, bus ticket, plane ticket, ferry,
ferry crossing, matinee, theatre tickets, festival ticket, gig tickets, cookery book, encyclopaedia, paperback, hardback, dictionary, bible, sketchbook,
crib sheet, passport, visa, driving licence, passport photos, photo album, wedding album, wedding photos, newspaper subscription, streaming package,
tv package, tv packages, ott pack, set top box, fibre plan, internet plan, insurance policy, gap insurance, service plan, care plan, parking permit,
parcel shelf, wing, hubcap, hubcaps, wheel trim, ball joint, headlining, headliner, fuel cap, radiator grille, number plate, trailer hitch, roof
bars, seven-seater, saloon, hybrid, jeep, lexus, mazda, hyundai, renault, peugeot, citroen, seat ibiza, vauxhall, chevy, subaru, vespa, lorry, minibus,
minivan, muffler, fender, piston, motor, coolant, radiator hose, sofa cover, mattress protector, incontinence pads, pads, tampons, respirator, mask,
morphine patches, patches, antidepressants, painkillers, sleeping tablets, aspirin, paracetamol, ibuprofen, multivitamin, cough mixture, ear drops,
dialysis supplies, stoma bags, colostomy bags, knee brace, wrist splint, prosthesis, prosthetic leg, ramp, hoist, riser chair, grab rail, easy phone,
talking book, braille display, screen reader, kiln, potter's wheel, loom, knitting machine, wool, yarn, fabric, cloth, thread, needle, needles, paint
set, easel, brushes, paintbrush, canvas, clay, glitter, tuna, mackerel, cod, fish and chips, lasagne, ramen, falafel, paella, omelette, porridge,
pancakes, waffles, muffins, scones, doughnuts, donuts, bagels, buns, baguette, croissants, tortillas, crackers, popcorn, sweets, candy, easter eggs,
olives, capers, mushrooms, tomatoes, cucumber, onions, carrots, peppers, broccoli, lemons, oranges, avocados, mangoes, melon, peanuts, nuts, lentils,
flour, sugar, salt, vinegar, mayonnaise, mustard, cider, gin, vodka, rum, prosecco, cocktail, cocktails, lemonade, cola, mineral water, coffee pods,
coffee capsules, tea bags, baby wipes, wipes, bath salts, bubble bath, razor blades, hair straightener, electric razor, sunbed, tanning bed, candle
set, reed diffuser, diffuser, air freshener, humidor, vape, e-cigarette, cigarettes, cigar, filing, cash register, card reader, till, uniform,
apron, tabard, hard hat, hi-vis, steel toe boots, brogues, loafers, stilettos, plimsolls, crocs, espadrilles, poncho, dungarees, jumpsuit,
camisole, corset, negligee, sarong, turban, hijab, cufflinks, tiara, watch band, locket, anklet, sofa set, tabletop, trolley, crate, pallet, sacks
"""

PHRASES: frozenset[str] = frozenset(
    " ".join(phrase.split())
    for group in (
        _APPLIANCES,
        _ELECTRONICS,
        _HOME,
        _KITCHENWARE,
        _CLOTHES,
        _VEHICLES,
        _GARDEN_TOOLS,
        _CHILDREN_SPORT,
        _HEALTH_FOOD,
        _CONTRACTS,
        _MORE,
    )
    for phrase in group.split(",")
    if phrase.strip()
)
