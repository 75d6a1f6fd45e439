import type { Messages } from './messages.js';

export const it: Messages = {
  languageName: 'Italiano',
  title: 'Immagini condivise',
  problemTitle: 'Errore: {title}',
  problemHeading: 'Controlli i dati inseriti',
  contactHeading: 'A chi rivolgersi',
  languageHeading: 'Lingua',
  tryAgain: 'Riprova',
  reference: 'Riferimento',
  facts: {
    shared: 'Che cosa è condiviso',
    examination: 'Immagini mediche di {count}\u00a0esame',
    examinations: 'Immagini mediche di {count}\u00a0esami',
    images: 'Immagini mediche',
    by: 'Condiviso da',
    until: 'Disponibile fino al',
    opens: 'Si apre il',
    wait: 'Tempo di attesa',
  },
  actions: {
    viewers: 'Come desidera vedere le immagini?',
    open: 'Apri le immagini',
    openWith: 'Apri in {viewer}',
    download: 'Scarica le immagini',
    viewerNotOffered: 'Questa modalità non è disponibile. Ne scelga un’altra.',
  },
  pin: {
    label: 'PIN',
    hint: 'Le è stato dato separatamente dal link, per esempio al telefono o su carta.',
    missing: 'Inserisca il PIN.',
    refused: 'Questo PIN non è corretto. Lo controlli e riprovi.',
  },
  birthDate: {
    label: 'Data di nascita del paziente',
    hint: 'Per esempio, 27 3 1980.',
    day: 'Giorno',
    month: 'Mese',
    year: 'Anno',
    missing: 'Inserisca il giorno, il mese e l’anno di nascita.',
    impossible: 'Questa data non esiste. Controlli il giorno, il mese e l’anno.',
    refused: 'Questa data di nascita non è corretta. La controlli e riprovi.',
  },
  emailCode: {
    explanation: 'Per proteggere le immagini, inviamo prima un codice a {address}.',
    send: 'Inviami il codice',
    have: 'Ho già un codice',
    label: 'Codice ricevuto per e-mail',
    hint: 'Sei cifre, inviate a {address}. Può volerci un minuto; controlli anche la cartella della posta indesiderata.',
    hintPlain:
      'Sei cifre, inviate al Suo indirizzo e-mail. Può volerci un minuto; controlli anche la cartella della posta indesiderata.',
    sendAgain: 'Invia un nuovo codice',
    missing: 'Inserisca il codice ricevuto per e-mail.',
    refused: 'Questo codice non è corretto o è troppo vecchio. Lo controlli o ne chieda uno nuovo.',
  },
  pages: {
    link: {
      heading: 'Sono state condivise delle immagini con Lei',
      happened: 'Sono destinate a Lei. La preghiamo di non inoltrare questo link.',
      whatToDo: 'Può aprirle qui, sul telefono o su un computer.',
    },
    opening: {
      heading: 'Le Sue immagini si stanno aprendo',
      happened: 'Compariranno tra un momento.',
      whatToDo: 'Se non succede nulla, usi il pulsante.',
    },
    downloading: {
      heading: 'Il download sta per iniziare',
      happened: 'Il file può essere grande e richiedere un po’ di tempo.',
      whatToDo: 'Lo conservi in un luogo sicuro: contiene immagini mediche. Se non succede nulla, usi il pulsante.',
    },
    scheduled: {
      heading: 'Questo link non è ancora attivo',
      happened: 'È stato preparato in anticipo e funzionerà da una data successiva.',
      whatToDo: 'Lo conservi e lo apra di nuovo in quel momento.',
    },
    expired: {
      heading: 'Questo link è scaduto',
      happened: 'I link condivisi funzionano solo per un tempo limitato, e quello di questo link è terminato.',
      whatToDo: 'Chieda un nuovo link alla persona o al reparto che lo ha inviato. Il Suo dispositivo non ha problemi.',
    },
    'viewer-expired': {
      heading: 'Il tempo di visione è terminato',
      happened: 'Per proteggere le immagini, restano aperte solo per un tempo limitato.',
      whatToDo: 'Per rivederle, apra di nuovo il link che ha ricevuto.',
    },
    'used-up': {
      heading: 'Questo link è già stato usato',
      happened: 'Si poteva aprire un numero limitato di volte, e quel numero è stato raggiunto.',
      whatToDo: 'Se ha ancora bisogno di vedere le immagini, chieda un nuovo link al mittente.',
    },
    locked: {
      heading: 'Questo link è bloccato',
      happened: 'Sono stati inseriti dati errati troppe volte, perciò lo abbiamo bloccato per proteggere le immagini.',
      whatToDo: 'Chieda di nuovo l’accesso alla persona o al reparto che lo ha inviato.',
    },
    revoked: {
      heading: 'Questo link è stato ritirato',
      happened: 'Le persone che lo hanno condiviso lo hanno chiuso: non apre più le immagini.',
      whatToDo: 'Se ha ancora bisogno di vederle, chieda un nuovo link al mittente.',
    },
    invalid: {
      heading: 'Questo link non funziona',
      happened: 'Non lo riconosciamo. Una parte può essere andata persa nel copiarlo o nell’inoltrarlo.',
      whatToDo: 'Lo apra di nuovo dal messaggio originale, o chieda un nuovo link al mittente.',
    },
    incomplete: {
      heading: 'Questo link è incompleto',
      happened: 'L’indirizzo aperto non contiene tutto ciò che serve per trovare le Sue immagini.',
      whatToDo: 'Torni al messaggio che ha ricevuto e tocchi il link lì, invece di copiarlo.',
    },
    'not-for-here': {
      heading: 'Questo link non si può aprire qui',
      happened: 'È stato creato per un altro uso, e questa pagina non ha nulla da mostrare.',
      whatToDo: 'Chieda a chi glielo ha dato come aprirlo, oppure un link per vedere le immagini.',
    },
    'too-many-attempts': {
      heading: 'Attenda un momento',
      happened: 'Ci sono stati troppi tentativi in poco tempo.',
      whatToDo: 'Potrà riprovare dopo il tempo di attesa. Conservi il Suo link.',
    },
    unavailable: {
      heading: 'Al momento non possiamo aprire il Suo link',
      happened: 'Il nostro servizio non risponde come dovrebbe. Non dipende da Lei né dal Suo dispositivo.',
      whatToDo: 'Riprovi tra qualche minuto e conservi il Suo link.',
    },
    preview: {
      heading: 'Un link privato',
      happened: 'Ciò che è condiviso qui è riservato al suo destinatario.',
      whatToDo: 'Apra il link in un browser web per vederlo.',
    },
    'not-found': {
      heading: 'Qui non c’è nulla',
      happened: 'Questo indirizzo non porta a nessuna pagina.',
      whatToDo: 'Se ha ricevuto un link, lo apra direttamente dal messaggio.',
    },
  },
};
